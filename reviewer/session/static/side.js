// The right side: first look or gate, checks, questions, votes, remarks.

function sideCards(view, app) {
  const opened = view.opened;
  if (!opened) return el("p", { class: "gw-muted" }, "Choose a request on the left.");
  if (opened.sealed) return el("div", {}, lookCard(opened, app), sealedCard());
  return el("div", {}, gateCard(opened), voteCard(opened, app), checkCard(opened), questionCard(opened, app), voicesCard(opened), remarkCard(opened, app));
}

function card(title, ...children) {
  return el("section", { class: "gw-card", "aria-label": title }, el("h3", {}, title), ...children);
}

const answerKey = (opened, question) => `look/${opened.proposal.slice(7, 19)}/${question.digest.slice(7, 19)}`;

function lookCard(opened, app) {
  const { look } = opened;
  const words = `look/${opened.proposal.slice(7, 19)}/words`;
  const asked = look.asked.map((question, place) => questionField(question, answerKey(opened, question), place, app));
  const send = () => app.predict(opened, words, look.asked.map((question) => [question, answerKey(opened, question)]));
  const intro = !look.ready ? "Your questions are being made from the change…" : asked.length
    ? "Answer before you see how it behaves and what anybody thinks of it. The simulator has the key."
    : "No questions could be made for this change. Say in a sentence what it will do before you see how it behaves and what anybody thinks of it.";
  return card("First look", el("p", {}, look.ready ? intro : toned("wait", ` ${intro}`)), look.problems.map((problem) => el("p", {}, toned("bad", " ", said(problem)))), asked,
    look.ready ? app.field(words, asked.length ? "What else you expect (optional)" : "What I expect this change to do", asked.length ? 2 : 4, "") : null,
    look.ready ? el("button", { class: "gw-main", "data-acts": "", "data-key": "predict", onclick: send }, "Keep my prediction and show the rest") : null,
    el("p", { class: "gw-muted" }, "It cannot be changed afterwards."));
}

function questionField(question, field, place, app) {
  const legend = el("legend", {}, `${place + 1}. `, said(question.text));
  if (!question.options.length) return el("fieldset", {}, legend, ...numbersField(question, field, app));
  return el("fieldset", {}, legend, el("div", { class: "gw-options" }, question.options.map((choice, one) => el("label", {},
    el("input", { type: "radio", name: field, value: choice, "data-acts": "", "data-key": `${field}/${one}`, checked: app.text(field) === choice,
      onchange: (event) => app.type(field, event.target.value) }), " ", said(choice)))));
}

function sealedCard() {
  return card("Checks, votes, gate, rationale", el("p", {}, toned("sealed", " Shown after your first look.")));
}

function gateCard(opened) {
  if (opened.debrief !== null) return card("Gate", el("p", {}, toned("bad", " This request was planted. It can never be merged.")));
  if (opened.status !== "open") return card("Gate", el("p", {}, toned(opened.status === "merged" ? "good" : "bad", ` This request was ${opened.status}.`)));
  if (!opened.gate) return card("Gate", el("p", {}, toned("wait", " The checks are running.")));
  const { open, reasons, areas } = opened.gate;
  return card("Gate", el("p", { class: "gw-verdict" }, toned(open ? "good" : "bad", open ? " Open: it can be merged." : " Shut.")),
    el("ul", { class: "gw-areas" }, areas.map((area) => el("li", {}, toned(area.missing ? "bad" : "good", ` ${area.area}: ${area.quorum - area.missing} of ${area.quorum}`),
      el("span", { class: "gw-pips", "aria-hidden": "true" }, "●".repeat(area.quorum - area.missing) + "○".repeat(area.missing)),
      el("small", {}, ` ${area.understood} understood every hunk${opened.gate.questions ? `, ${area.answered} answered` : ""}${area.approved.length ? ":" : ""}`),
      area.approved.length ? said(` ${area.approved.join(", ")}`, "small") : null))),
    reasons.length ? el("ul", { class: "gw-reasons" }, reasons.map((reason) => el("li", {}, said(reason.text)))) : null,
    opened.gate.turns.length ? el("p", { class: "gw-muted" }, "Whose turn: ", [...grouped(opened.gate.turns)].map(([reason, people], place) => [place ? "; " : "", said(people.join(", ")), " – ", said(reason)])) : null);
}

/** People by the reason why it is their turn. */
function grouped(turns) {
  const found = new Map();
  for (const turn of turns) found.set(turn.reason, [...(found.get(turn.reason) ?? []), turn.who]);
  return found;
}

function checkCard(opened) {
  const { state, problems } = opened.checks;
  if (state === "ended") return null;
  if (state === "running") return card("Checks", el("p", {}, toned("wait", " Running on the merged world…")));
  if (!problems.length) return card("Checks", el("p", {}, toned("good", " The merged world passes every check.")));
  return card("Checks", el("ul", { class: "gw-problems" }, problems.map((problem) => el("li", {}, toned("bad", " ", said(problem))))));
}

function questionCard(opened, app) {
  const { look } = opened;
  if (look.taken === null) return null;
  const answered = look.asked.filter((question) => question.answer !== null);
  const next = look.asked.find((question) => question.answer === null);
  const told = answered.map((question) => el("li", {}, el("details", { open: app.isOpen(`why:${question.digest}`, false), ontoggle: (event) => app.setOpen(`why:${question.digest}`, event.target.open) },
    el("summary", {}, toned(question.judged?.right ? "good" : "bad", question.judged?.right ? " right" : " not right", ": ", said(question.answer))),
    el("p", {}, said(question.text)), question.judged ? question.judged.why.map(blockBody) : null)));
  const send = () => next && app.answer(opened, next, answerKey(opened, next));
  return card("Questions", !look.ready ? el("p", {}, toned("wait", " Being judged by the simulator…")) : look.asked.length ? el("p", {}, toned(look.right >= look.owed ? "good" : "unsure", ` ${look.right} right of ${look.owed} wanted.`)) : null,
    told.length ? el("ul", { class: "gw-asked" }, told) : null,
    next ? [questionField(next, answerKey(opened, next), answered.length, app), el("button", { class: "gw-small", "data-acts": "", "data-key": "answer", onclick: send }, "Answer")] : null,
    look.words ? el("blockquote", { class: "gw-quote" }, said(look.words)) : null);
}

function voteCard(opened, app) {
  if (opened.debrief !== null) return card("What was planted", el("p", { class: "gw-debrief" }, said(opened.debrief)));
  if (opened.status !== "open") return null;
  if (opened.own) return card("Your vote", el("p", {}, "You wrote this or operate its assistant, so your vote does not count."));
  const drafted = opened.drafts.filter((draft) => ["approve", "object", "withdraw"].includes(draft.kind) && !draft.stale).map((draft) => draft.kind);
  const field = `vote/${opened.number}`;
  const hunks = opened.files.flatMap((file) => file.hunks).filter((hunk) => hunk.markable);
  const left = hunks.filter((hunk) => hunk.mark?.state !== "understood").length;
  const button = (vote, glyph, word, wantsText) => el("button", { class: `gw-vote gw-vote-${vote}`, "data-acts": "", "data-key": `vote:${vote}`, "aria-pressed": String(drafted.includes(vote)),
    onclick: () => app.vote(vote, field, wantsText) }, el("span", { "aria-hidden": "true" }, glyph), ` ${word}`);
  return card("Your vote",
    el("p", { class: "gw-muted" }, !hunks.length ? "The rules of this world ask for no marks." : left ? `${left} of ${hunks.length} hunks ${left === 1 ? "is" : "are"} not marked understood.` : "Every hunk is marked understood.", drafted.length ? ` Drafted: ${drafted.join(", ")}.` : ""),
    app.field(field, "Why (needed to object)", 2, ""),
    el("div", { class: "gw-row" }, button("approve", "✓", "Approve", false), button("object", "✗", "Object", true), button("withdraw", "↩", "Withdraw", false)));
}

function voicesCard(opened) {
  if (!opened.votes.length) return card("Votes", el("p", { class: "gw-muted" }, "Nobody has voted yet."));
  const words = { approve: ["good", "approves"], object: ["bad", "objects"], none: ["plain", "has taken the vote back, or voted on an earlier proposal"] };
  return card("Votes", el("ul", {}, opened.votes.map((vote) => el("li", {}, toned(words[vote.vote][0], " ", said(vote.who), ` ${words[vote.vote][1]}`, vote.areas.length ? `: ${vote.areas.join(", ")}` : "")))));
}

function remarkCard(opened, app) {
  return card("Remarks", opened.remarks.length ? el("ul", { class: "gw-remarks" }, opened.remarks.map((remark) => el("li", {}, el("strong", {}, said(remark.who)), ` (${remark.kind})`,
    remark.path ? el("code", {}, ` ${remark.path}${remark.line ? `:${remark.line}` : ""}`) : null, el("br"), said(remark.text)))) : null,
  opened.status === "open" ? remarkForm(opened, app, null, null) : null);
}
