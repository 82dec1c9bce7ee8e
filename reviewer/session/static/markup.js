// SVG and MathML: only our own code writes them, and they are read with a parser and an allow-list all the same. What
// is not on the list is left out with everything inside it; nothing is ever given to innerHTML.

const MATHML = "http://www.w3.org/1998/Math/MathML";
const ALLOWED = {
  [SVG]: {
    elements: new Set("svg g path rect circle ellipse line polyline polygon text tspan title desc defs marker style".split(" ")),
    attributes: new Set(("class style d x y x1 y1 x2 y2 cx cy r rx ry width height points transform viewBox preserveAspectRatio fill stroke "
      + "stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity fill-opacity fill-rule opacity text-anchor "
      + "dominant-baseline font-size font-weight font-style font-family paint-order dx dy rotate id orient refX refY markerWidth "
      + "markerHeight markerUnits marker-end marker-start role aria-label aria-hidden").split(" ")),
  },
  [MATHML]: {
    elements: new Set(("math mrow mi mo mn mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd "
      + "mstyle mpadded mphantom mmultiscripts mprescripts semantics").split(" ")),
    attributes: new Set(("class display mathvariant stretchy fence separator form lspace rspace minsize maxsize symmetric largeop "
      + "movablelimits accent accentunder displaystyle scriptlevel width height depth columnalign rowspan columnspan linethickness "
      + "aria-label").split(" ")),
  },
};
const PLAIN_RULES = /^(?:(?:text-anchor|font-weight|font-style|font-size|fill|stroke|stroke-width|stroke-dasharray|opacity):\s*[a-zA-Z0-9 .#%,-]+;?\s*)*$/;
const REFERENCE = /^url\(#[\w-]+\)$/;

/** The first element of this markup, rebuilt from what the allow-list knows; null where there is none. */
function cleaned(text, namespace) {
  const kind = namespace === SVG ? "image/svg+xml" : "application/xml";
  const parsed = new DOMParser().parseFromString(text.trim(), kind);
  const top = parsed.documentElement;
  if (!top || top.namespaceURI !== namespace || parsed.getElementsByTagName("parsererror").length) return null;
  return rebuilt(top, namespace);
}

function rebuilt(node, namespace) {
  const rules = ALLOWED[namespace];
  if (node.namespaceURI !== namespace || !rules.elements.has(node.localName)) return null;
  if (node.localName === "style" && !plainStyle(node.textContent)) return null;
  const copy = document.createElementNS(namespace, node.localName);
  for (const { name, value } of node.attributes) {
    if (rules.attributes.has(name) && harmless(name, value)) copy.setAttribute(name, value);
  }
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.data);
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const inner = rebuilt(child, namespace);
      if (inner) copy.append(inner);
    }
  }
  return copy;
}

/** Rules of a style sheet that fetch nothing and escape nothing. */
function plainStyle(text) {
  return !/[@\\<]|url|expression|image|src/i.test(text);
}

/** A picture in a root of its own, so that its style sheet reaches nothing else and nothing else reaches it. */
function framed(svg) {
  const host = el("div", { class: "gw-framed" });
  const sheet = document.createElement("style");
  sheet.textContent = "svg { max-width: 100%; height: auto; display: block; }";
  host.attachShadow({ mode: "open" }).append(sheet, svg);
  return host;
}

/** No attribute may lead anywhere but to a marker of the same picture. */
function harmless(name, value) {
  if (name === "style") return PLAIN_RULES.test(value);
  if (/url\s*\(|javascript:|expression\s*\(|\\/i.test(value)) return name.startsWith("marker-") && REFERENCE.test(value);
  return true;
}
