// The change as text: component by component, each hunk with its mark, then the lines, on which one can remark.

const MARKS = [
  ["understood", "✓", "Understood", "u"],
  ["question", "?", "Question", "q"],
  ["objection", "✗", "Objection", "o"],
];

function changePane(opened, app) {
  return el("div", { class: "gw-change" }, opened.files.map((file) => fileSection(file, opened, app)),
    opened.files.length ? null : el("p", {}, "Nothing is changed."));
}

function fileSection(file, opened, app) {
  const markable = file.hunks.filter((hunk) => hunk.markable);
  const left = markable.filter((hunk) => hunk.mark?.state !== "understood").map((hunk) => hunk.digest);
  const locked = opened.status !== "open" || opened.own;
  return el("section", { class: "gw-file", "aria-label": file.path },
    el("h4", {}, el("span", { class: `gw-word gw-word-${file.word}` }, file.word), " ", el("code", {}, file.path),
      el("span", { class: "gw-count" }, markable.length ? `${markable.length - left.length} of ${markable.length} understood` : `${file.hunks.length} hunk${file.hunks.length === 1 ? "" : "s"}`),
      locked || markable.length < 2 ? null : el("button", { class: "gw-small", "data-acts": "", "data-key": `all:${file.path}`, disabled: left.length === 0,
        onclick: () => app.mark(left, "understood", "") }, "✓ all of this file")),
    file.hunks.length ? el("ul", { class: "gw-hunks" }, file.hunks.map((hunk) => hunkRow(file, hunk, opened, app, locked)))
      : el("p", { class: "gw-muted" }, "The meaning is the same; only comments or formatting differ."),
    el("details", { class: "gw-lines", open: app.isOpen(`lines:${file.path}`, file.lines.length <= 60), ontoggle: (event) => app.setOpen(`lines:${file.path}`, event.target.open) },
      el("summary", {}, "Lines"), lineTable(file, opened, app, locked)));
}

function hunkRow(file, hunk, opened, app, locked) {
  const state = hunk.mark?.state ?? null;
  const name = `${file.path}, ${hunk.key}`;
  const field = `hunk/${opened.proposal.slice(7, 19)}/${hunk.digest.slice(7, 23)}`;
  const asks = app.asking.get(hunk.digest) ?? (state === "question" || state === "objection" ? state : null);
  const words = asks && !locked ? el("div", { class: "gw-why" },
    app.field(field, `Your ${asks} about ${name}`, 2, hunk.mark?.text ?? ""),
    el("button", { class: "gw-small", "data-acts": "", "data-key": `keep:${hunk.digest}`,
      onclick: () => app.mark([hunk.digest], asks, app.text(field), field) }, `Keep this ${asks}`)) : null;
  return el("li", {}, el("div", { class: `gw-hunk gw-mark-${state ?? "none"}`, tabindex: "0", role: "group", "data-hunk": hunk.digest, "data-key": `hunk:${hunk.digest}`,
    "aria-label": `${hunk.key}: ${state ?? "not marked"}${hunk.mark?.signed ? ", signed" : ""}` },
  el("div", { class: "gw-hunk-head" }, said(hunk.key, "code", { class: "gw-key" }), state ? el("small", {}, hunk.mark.signed ? "signed" : "draft") : null,
    !hunk.markable ? null : el("span", { class: "gw-marks", role: "group", "aria-label": `Mark ${hunk.key}` }, MARKS.map(([mark, glyph, word, key]) =>
      el("button", { class: `gw-mark gw-mark-button-${mark}`, "data-acts": "", disabled: locked, "aria-pressed": String(state === mark), "data-key": `${mark}:${hunk.digest}`,
        title: `${word} (${key})`, onclick: () => app.press(hunk, mark) }, el("span", { "aria-hidden": "true" }, glyph), el("span", { class: "gw-hidden-narrow" }, ` ${word}`))))),
  el("div", { class: "gw-sides" }, hunk.parts.flatMap((part) => [side("−", "before", part.name, part.before), side("+", "after", part.name, part.after)]),
    hunk.same.length ? el("p", { class: "gw-same" }, "As before: ", said(hunk.same.join(", "))) : null),
  words,
  hunk.mark?.text && !asks ? el("p", { class: "gw-quote" }, said(hunk.mark.text)) : null));
}

function side(glyph, word, name, text) {
  if (text === null) return null;
  const label = name ? el("span", { class: "gw-part" }, said(name, "code")) : null;
  return el("div", { class: `gw-side gw-${word}` }, el("span", { class: "gw-sign" }, el("span", { "aria-hidden": "true" }, glyph), el("span", { class: "gw-aloud" }, word)), label, said(text, "code"));
}

const SIGNS = { "+": "added", "-": "removed", " ": "", "…": "lines left out" };

function lineTable(file, opened, app, locked) {
  const place = (line) => `${file.path}:${line.after}`;
  const remarks = (line) => [
    ...opened.remarks.filter((remark) => remark.path === file.path && remark.line === line.after && line.after !== null),
    ...opened.drafts.filter((draft) => draft.kind === "comment" && draft.path === file.path && draft.line === line.after && line.after !== null)
      .map((draft) => ({ who: "you, a draft", text: draft.text })),
  ];
  const rows = file.lines.flatMap((line) => {
    const row = el("tr", { class: `gw-line-row gw-line-${{ "+": "added", "-": "removed", " ": "same", "…": "gap" }[line.sign]}` },
      el("td", { class: "gw-number" }, line.before ?? ""), el("td", { class: "gw-number" }, line.after ?? ""),
      el("td", { class: "gw-sign" }, el("span", { "aria-hidden": "true" }, line.sign), el("span", { class: "gw-aloud" }, SIGNS[line.sign])),
      el("td", { class: "gw-text" }, said(line.text || " ", "code")),
      el("td", { class: "gw-remark" }, line.after === null || locked && !opened.own ? "" : el("button", { class: "gw-small gw-plus", "data-acts": "", "data-key": `remark:${place(line)}`,
        "aria-label": `Remark on line ${line.after} of ${file.path}`, title: "Remark on this line", onclick: () => app.startRemark(file.path, line.after) }, "✎")));
    const below = remarks(line).map((remark) => el("tr", { class: "gw-remark-row" }, el("td", { colspan: 5 }, el("strong", {}, said(remark.who)), ": ", said(remark.text))));
    if (app.remarking?.path === file.path && app.remarking.line === line.after && line.after !== null) {
      below.push(el("tr", { class: "gw-remark-row" }, el("td", { colspan: 5 }, remarkForm(opened, app, file.path, line.after))));
    }
    return [row, ...below];
  });
  return scrolling(`Lines of ${file.path}`, `lines-scroll:${file.path}`, el("table", { class: "gw-line-table" }, el("caption", { class: "gw-aloud" }, `Lines of ${file.path}`),
    el("thead", { class: "gw-aloud" }, el("tr", {}, ["before", "after", "sign", "text", "remark"].map((word) => el("th", { scope: "col" }, word)))), el("tbody", {}, rows)));
}

function remarkForm(opened, app, path, line) {
  const where = path ? `${path}:${line}` : "whole";
  const field = `remark/${opened.number}/${where}`.toLowerCase();
  return el("div", { class: "gw-form" },
    app.field(field, path ? `Remark on line ${line} of ${path}` : "Remark on the whole request", 2, ""),
    el("div", { class: "gw-row" },
      el("button", { class: "gw-small", "data-acts": "", "data-key": `keep-remark:${where}`, onclick: () => app.remark(path, line, field) }, "Keep as a draft"),
      path ? el("button", { class: "gw-small", "data-key": `drop-remark:${where}`, onclick: () => app.startRemark(null, null) }, "Close") : null));
}
