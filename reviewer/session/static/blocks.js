// Panes: sentences, tables, drawings and formulas, as `reviewer.panes` makes them.

function paneBody(value) {
  if (value.kind === "graph") return graphPane(value);
  if (value.kind === "problems") return el("ul", {}, value.problems.map((problem) => el("li", {}, toned("bad", said(problem)))));
  const blocks = value.blocks.map(blockBody);
  if (!blocks.length) return el("p", { class: "gw-muted" }, "Nothing to show here.");
  if (!value.collapsed) return el("div", { class: "gw-pane" }, blocks);
  return el("details", { class: "gw-pane" }, el("summary", {}, `${value.title}: open to read`), blocks);
}

function blockBody(block) {
  switch (block.kind) {
    case "sentence": return el("p", { class: "gw-sentence" }, toned(block.tone, said(block.text)));
    case "table": return wideTable(block);
    case "drawing": return drawing(block);
    case "formula": return formula(block);
    default: return el("p", {}, toned("bad", `A block of a kind that this version does not know: ${block.kind}`));
  }
}

function wideTable(block) {
  return scrolling(block.caption || "Table", null, table(block.caption, block.headings, block.rows));
}

function drawing(block) {
  const svg = cleaned(block.svg, SVG);
  if (svg) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", block.description);
    svg.querySelectorAll("title").forEach((title) => title.parentNode === svg && title.remove());
  }
  return el("figure", { class: "gw-figure" },
    svg ? scrolling(block.description, null, framed(svg)) : el("p", {}, toned("bad", "This picture could not be read; the table says the same.")),
    el("figcaption", {}, said(block.description)),
    el("details", {}, el("summary", {}, "The same as a table"), table(block.table.caption, block.table.headings, block.table.rows)));
}

function formula(block) {
  const math = cleaned(block.mathml, MATHML);
  return el("div", { class: "gw-formula" }, math ? scrolling("Formula", null, math) : null, said(block.text, "code"));
}
