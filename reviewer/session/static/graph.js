// The world's graph as plain SVG: nodes are buttons that the arrow keys go through; what a colour says, a shape, a dash
// or a glyph says too; and the same stands beside it as tables.

const ROLES = { state: "state", action: "action", outcome: "outcome", exogenous: "exogenous" };

/** Draws a graph value; `choose` is called with the name of a node that was activated. */
function graphFigure(value, choose) {
  const label = `${value.nodes.length} variables and ${value.edges.length} edges; ${value.nodes.filter((node) => node.touched).length} touched by the change`;
  const svg = drawn("svg", { class: "gw-graph", role: "group", "aria-label": `Graph of the world: ${label}`,
    viewBox: `-12 -12 ${value.width + 24} ${value.height + 24}`, preserveAspectRatio: "xMidYMin meet" });
  const shapes = document.createDocumentFragment();
  for (const edge of [...value.edges].sort((one, other) => one.back - other.back)) shapes.append(edgeShape(edge));
  value.nodes.forEach((node, place) => shapes.append(nodeShape(node, place === 0)));
  svg.append(shapes);
  attendNodes(svg, value, choose);
  return { svg, label };
}

function nodeShape(node, first) {
  const { x, y, width, height } = node;
  const kinds = ["gw-node", `gw-${ROLES[node.role] ?? "state"}`, node.observed ? "" : "gw-unseen", node.touched ? "gw-touched" : ""];
  const words = [node.name, node.title, node.role, node.observed ? null : "not observed", node.touched ? "touched by this change" : null];
  const round = node.role === "action" ? height / 2 : 4;
  const group = drawn("g", { class: kinds.join(" "), role: "button", tabindex: first ? "0" : "-1", "data-node": node.name,
    "aria-label": words.filter(Boolean).join(", ") });
  group.append(drawn("rect", { class: "gw-box", x: x - width / 2, y, width, height, rx: round }));
  if (node.role === "outcome") group.append(drawn("rect", { class: "gw-box gw-inner", x: x - width / 2 + 3, y: y + 3, width: width - 6, height: height - 6, rx: 2 }));
  const glyphs = (node.touched ? "◆ " : "") + node.label + (node.own_past ? " ↺" : "");
  group.append(drawn("text", { x, y: y + height / 2 + 4, "aria-hidden": "true" }, glyphs));
  return group;
}

function edgeShape(edge) {
  const [start, ...rest] = edge.points;
  const height = 30;
  let [x, y] = [start[0], start[1] + (edge.back ? 0 : height)];
  let way = `M${x} ${y}`;
  rest.forEach(([nextX, top], place) => {
    const last = place === rest.length - 1;
    const nextY = last ? top + (edge.back ? height : 0) : top + height / 2;
    const middle = (y + nextY) / 2;
    way += `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  });
  const delayed = edge.lags.every((lag) => lag > 0);
  const tip = `M${x} ${y}l-3.5 ${edge.back ? 7 : -7}h7z`;
  return drawn("g", { class: `gw-edge${delayed ? " gw-delayed" : ""}${edge.back ? " gw-back" : ""}`, "data-source": edge.source, "data-target": edge.target, "aria-hidden": "true" },
    drawn("path", { class: "gw-line", d: way }), drawn("path", { class: "gw-tip", d: tip }));
}

/** One tab stop for the whole picture; arrows go to the nearest node on that side, Enter chooses. */
function attendNodes(svg, value, choose) {
  const places = new Map(value.nodes.map((node) => [node.name, node]));
  const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const focus = (name) => {
    svg.querySelectorAll('[tabindex="0"]').forEach((node) => node.setAttribute("tabindex", "-1"));
    const node = [...svg.querySelectorAll(".gw-node")].find((one) => one.dataset.node === name);
    node?.setAttribute("tabindex", "0");
    node?.focus({ preventScroll: false });
  };
  svg.addEventListener("keydown", (event) => {
    const name = event.target.closest?.(".gw-node")?.dataset.node;
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") choose(name);
    else if (steps[event.key]) focus(nearest(places, name, steps[event.key]));
    else return;
    event.preventDefault();
  });
  svg.addEventListener("click", (event) => {
    const name = event.target.closest?.(".gw-node")?.dataset.node;
    if (name) {
      focus(name);
      choose(name);
    }
  });
}

/** The node that is least far on one side, with what lies aside counted twice. */
function nearest(places, name, [right, down]) {
  const from = places.get(name);
  let [best, least] = [name, Infinity];
  for (const node of places.values()) {
    const [dx, dy] = [node.x - from.x, node.y - from.y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (ahead > 0.5 && ahead + 2 * aside < least) [best, least] = [node.name, ahead + 2 * aside];
  }
  return best;
}

/** What a node reads and feeds, in words, and the same lines of the picture brought forward. */
function nodeFacts(svg, value, name) {
  const node = value.nodes.find((one) => one.name === name);
  svg.querySelectorAll(".gw-edge").forEach((edge) => {
    edge.classList.toggle("gw-on", edge.dataset.source === name || edge.dataset.target === name);
  });
  const lags = (edge) => edge.lags.map((lag) => (lag === 0 ? "now" : `t−${lag}`)).join(", ");
  const reads = value.edges.filter((edge) => edge.target === name).map((edge) => `${edge.source} (${lags(edge)})`);
  const feeds = value.edges.filter((edge) => edge.source === name).map((edge) => `${edge.target} (${lags(edge)})`);
  return [
    el("strong", {}, said(node.name)), " — ", said(node.title), `; ${node.role}${node.observed ? "" : ", not observed"}. `,
    `Reads ${[node.own_past ? "its own past" : null, ...reads].filter(Boolean).join(", ") || "nothing"}. `,
    `Feeds ${feeds.join(", ") || "nothing else"}.`,
  ];
}

function graphTables(value) {
  const lags = (edge) => edge.lags.map((lag) => (lag === 0 ? "now" : `t−${lag}`)).join(", ");
  return [
    table("Variables", ["variable", "meaning", "role", "observed", "touched"],
      value.nodes.map((node) => [node.name, node.title, node.role, node.observed ? "yes" : "no", node.touched ? "yes" : "no"])),
    table("What feeds into what", ["from", "into", "when", "closes a loop"],
      value.edges.map((edge) => [edge.source, edge.target, lags(edge), edge.back ? "yes" : "no"])),
  ];
}

/** The whole pane: picture, what the chosen node does, signs, and the tables. */
function graphPane(value) {
  const facts = el("p", { class: "gw-facts", "aria-live": "polite" }, "Choose a variable, with a click or with Tab, arrows and Enter, to see what it reads and feeds.");
  const { svg, label } = graphFigure(value, (name) => facts.replaceChildren(...nodeFacts(svg, value, name)));
  let scale = value.nodes.length > 60 ? 0 : 0.6;
  const size = () => {
    svg.style.minWidth = `${value.width * scale}px`;
    svg.style.minHeight = `${value.height * scale}px`;
  };
  size();
  const zoom = (change) => () => {
    scale = change === 0 ? 0 : Math.min(3, Math.max(0.3, (scale || 0.5) * change));
    size();
  };
  const zooms = el("span", { class: "gw-zoom" }, [["Fit", 0], ["−", 0.75], ["+", 1.35]].map(([word, change]) =>
    el("button", { class: "gw-small", "data-key": `zoom:${word}`, "aria-label": { Fit: "Fit the picture", "−": "Smaller", "+": "Larger" }[word], onclick: zoom(change) }, word)));
  return el("div", { class: "gw-graph-pane" }, el("div", { class: "gw-row" }, facts, zooms),
    el("p", { class: "gw-signs" }, `${label}. ◆ and a thick frame: touched. Double frame: outcome. Round: action. Dotted frame: not observed. Dashed line: later. Red line upwards: closes a loop. ↺ reads its own past.`),
    scrolling("Picture of the graph", "graph", svg),
    laterTables(value));
}

/** The tables are there right after the picture was painted, which must not wait for a thousand rows. */
function laterTables(value) {
  const details = el("details", {}, el("summary", {}, "The same as tables"));
  requestAnimationFrame(() => setTimeout(() => details.append(...graphTables(value))));
  return details;
}
