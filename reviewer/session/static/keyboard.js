// The keyboard: one letter for each thing, while no text is being typed; and no key ever gets to the notebook.

const KEYS = [
  ["j / k", "next and previous hunk"], ["u / q / o", "mark the hunk: understood, question, objection"], ["[ / ]", "previous and next pane"],
  ["n / p", "next and previous request"], ["g", "to the gate or the first look"], ["Tab, arrows, Enter", "through everything, and through the graph's nodes"],
  ["?", "these keys"],
];

const typing = (node) => ["TEXTAREA", "SELECT"].includes(node?.tagName) || (node?.tagName === "INPUT" && node.type !== "radio");

function attendKeys(root, app) {
  for (const kind of ["keydown", "keypress", "keyup"]) root.addEventListener(kind, (event) => event.stopPropagation());
  // A click beside all buttons would give the focus to the notebook's cell, where `b` and `d d` edit the notebook.
  for (const kind of ["mousedown", "pointerdown"]) root.addEventListener(kind, (event) => event.stopPropagation());
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (pressed(event, root, app)) event.preventDefault();
  });
}

function pressed(event, root, app) {
  const tab = event.target.getAttribute?.("role") === "tab";
  switch (event.key) {
    case "j": return stepHunk(root, 1);
    case "k": return stepHunk(root, -1);
    case "u": return markHunk(event, app, "understood");
    case "q": return markHunk(event, app, "question");
    case "o": return markHunk(event, app, "objection");
    case "]": return app.stepTab(1, false);
    case "[": return app.stepTab(-1, false);
    case "ArrowRight": return tab && app.stepTab(1, true);
    case "ArrowLeft": return tab && app.stepTab(-1, true);
    case "Home": return tab && app.stepTab(-Infinity, true);
    case "End": return tab && app.stepTab(Infinity, true);
    case "n": return app.stepRequest(1);
    case "p": return app.stepRequest(-1);
    case "g": return focusOn(root.querySelector(".gw-side-column"));
    case "?": return app.toggleKeys();
    default: return false;
  }
}

function focusOn(node) {
  node?.focus();
  return Boolean(node);
}

function stepHunk(root, step) {
  const rows = [...root.querySelectorAll("[data-hunk]")];
  if (!rows.length) return false;
  const here = rows.indexOf(document.activeElement?.closest?.("[data-hunk]"));
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

function markHunk(event, app, mark) {
  const row = event.target.closest?.("[data-hunk]");
  if (!row) return false;
  app.pressDigest(row.dataset.hunk, mark);
  return true;
}

function keyList(app) {
  return el("section", { class: "gw-keys", "aria-label": "Keys" }, el("dl", {}, KEYS.map(([key, word]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, word)))),
    el("button", { class: "gw-small", "data-key": "close-keys", onclick: () => app.toggleKeys() }, "Close"));
}
