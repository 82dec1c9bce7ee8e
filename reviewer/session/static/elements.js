// Elements: every text goes in as text, and everything that can have the focus is kept from the notebook's shortcuts.

const SVG = "http://www.w3.org/2000/svg";
const FOCUSABLE = new Set(["button", "input", "textarea", "select", "summary", "a"]);

const TONES = {
  good: ["✓", "good"], bad: ["✗", "bad"], unsure: ["?", "unsure"], plain: ["", "plain"],
  wait: ["…", "wait"], sealed: ["⊘", "sealed"],
};

/** One element; strings among the children become text nodes, and `on…` attributes listeners. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  keepFromNotebook(node);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One SVG element; a name among the children becomes a text node. */
function drawn(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  keepFromNotebook(node);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** The notebook's shortcuts look for this on the element that has the focus, and nowhere above it. */
function keepFromNotebook(node) {
  if (FOCUSABLE.has(node.localName) || node.hasAttribute("tabindex")) node.setAttribute("data-lm-suppress-shortcuts", "true");
}

/** A glyph and a colour for a tone, with the word read aloud where the text does not say it. */
function toned(tone, ...children) {
  const [glyph, name] = TONES[tone] ?? TONES.plain;
  return el("span", { class: `gw-tone gw-${name}` }, glyph ? el("span", { class: "gw-glyph", "aria-hidden": "true" }, glyph) : null, ...children);
}

/** A stranger's text: isolated, so that its direction stays its own. */
function said(text, tag = "span", attributes = {}) {
  return el(tag, { dir: "auto", ...attributes, class: `gw-said ${attributes.class ?? ""}` }, text);
}

function table(caption, headings, rows, attributes = {}) {
  return el("table", attributes,
    el("caption", {}, caption),
    el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, said(heading))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, place) =>
      place === 0 ? el("th", { scope: "row" }, said(cell)) : el("td", {}, said(cell)))))));
}

/** A part of the page that scrolls, which the keyboard must be able to do as well. */
function scrolling(label, key, ...children) {
  return el("div", { class: "gw-scroll", tabindex: "0", role: "group", "aria-label": label, "data-key": key }, ...children);
}
