// The queue, in this reviewer's own order, and the drafts that wait for a signature.

const STAGES = {
  unseen: ["○", "not looked at"], seen: ["◐", "looked at"], drafted: ["✎", "draft waits for signature"], voted: ["●", "you voted"],
  own: ["✎", "yours"], merged: ["✓", "merged"], abandoned: ["✗", "abandoned"],
  caught: ["◆", "planted; you saw it"], missed: ["◇", "planted; you did not see it"],
};

function queueList(view, app) {
  const entries = view.queue.map((entry) => {
    const [glyph, word] = STAGES[entry.stage] ?? ["", entry.stage];
    const current = view.opened?.number === entry.number;
    return el("li", {}, el("button", { class: `gw-entry gw-stage-${entry.stage}`, "data-acts": "", "aria-current": current ? "true" : null, "data-key": `entry:${entry.number}`,
      onclick: () => app.open(entry.number) },
    el("span", { class: "gw-entry-head" }, el("span", { class: "gw-glyph", "aria-hidden": "true" }, glyph), ` Request ${entry.number}`, el("span", { class: "gw-count" }, `patchset ${entry.patchset}`)),
    el("span", { class: "gw-entry-title" }, entry.title === null ? `${entry.components} component${entry.components === 1 ? "" : "s"}: ${entry.areas.join(", ")}` : said(entry.title)),
    el("span", { class: "gw-entry-foot" }, entry.author === null ? word : [word, ", by ", said(entry.author)])));
  });
  const broken = view.broken.map((one) => el("li", { class: "gw-entry gw-broken" }, toned("bad", `Request ${one.number} cannot be read`), el("span", {}, one.problems.map((problem) => said(problem, "small")))));
  return el("div", {}, el("h3", {}, "Queue"), el("p", { class: "gw-muted" }, "In an order of your own, drawn at random."),
    entries.length + broken.length ? el("ul", { class: "gw-queue" }, entries, broken) : el("p", {}, "No merge requests."));
}

function draftList(view, app) {
  const items = view.drafts.map((draft) => el("li", { class: draft.stale ? "gw-stale" : "" },
    el("span", {}, `${draft.request}: ${draft.kind === "mark" ? `${draft.state}, ${draft.count} hunk${draft.count === 1 ? "" : "s"}` : draft.kind}${draft.areas.length ? ` for ${draft.areas.join(", ")}` : ""}`, draft.path ? el("code", {}, ` ${draft.path}${draft.line ? `:${draft.line}` : ""}`) : null,
      draft.stale ? toned("bad", " out of date") : null, draft.text ? said(` “${draft.text.slice(0, 80)}${draft.text.length > 80 ? "…" : ""}”`) : null),
    draft.kind === "answer" ? null : el("button", { class: "gw-small", "data-acts": "", "data-key": `discard:${draft.file}`, "aria-label": `Drop the draft: ${draft.kind} request ${draft.request}`, onclick: () => app.discard(draft.file) }, "Drop")));
  return el("div", { class: "gw-card" }, el("h3", {}, "Drafts"), items.length ? [
    el("ul", { class: "gw-drafts" }, items),
    el("p", {}, "Nothing is signed yet. In a terminal:"), el("code", { class: "gw-command" }, view.sign)] : el("p", { class: "gw-muted" }, "None. Votes and remarks become drafts; you sign them in a terminal."));
}
