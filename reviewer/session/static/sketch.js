// Numbers as an answer: typed into one field for each step, or drawn with the pointer; both show the same.

const PAD = { width: 270, height: 90, left: 8, right: 8 };

function numbersField(question, field, app) {
  const { steps } = question;
  const values = () => {
    const words = app.text(field).split(" ");
    return steps.map((_, place) => (words[place] === "_" ? "" : words[place] ?? ""));
  };
  const inputs = steps.map((step, place) => el("input", { type: "text", inputmode: "decimal", size: 6, maxlength: 24, class: "gw-value", "data-acts": "", "data-key": `${field}/step${place}`,
    value: values()[place], oninput: () => keep() }));
  const line = drawn("polyline", { class: "gw-sketch-line" });
  const dots = steps.map(() => drawn("circle", { class: "gw-sketch-dot", r: 4 }));
  const size = () => Math.max(1e-9, ...values().map((text) => Math.abs(Number(text)) || 0)) * 1.25;
  let scale = size() > 1e-6 ? size() : 1;
  const x = (place) => PAD.left + (steps.length < 2 ? 0.5 : place / (steps.length - 1)) * (PAD.width - PAD.left - PAD.right);
  const y = (value) => PAD.height / 2 - (value / scale) * (PAD.height / 2 - 6);
  const show = () => {
    const now = values();
    line.setAttribute("points", now.map((text, place) => `${x(place)},${y(Number(text) || 0)}`).join(" "));
    dots.forEach((dot, place) => {
      dot.setAttribute("cx", x(place));
      dot.setAttribute("cy", y(Number(now[place]) || 0));
    });
  };
  const keep = (redrawn = true) => {
    app.type(field, inputs.map((input) => input.value.trim().replace(/\s+/g, "") || "_").join(" "));
    if (redrawn && size() > 1e-6) scale = size();
    show();
  };
  const draw = (event) => {
    if (event.buttons !== 1 || inputs[0].disabled) return;
    const box = pad.getBoundingClientRect();
    const right = ((event.clientX - box.left) / box.width) * PAD.width;
    const place = steps.map((_, one) => Math.abs(x(one) - right)).reduce((best, gap, one, all) => (gap < all[best] ? one : best), 0);
    const value = ((PAD.height / 2 - ((event.clientY - box.top) / box.height) * PAD.height) / (PAD.height / 2 - 6)) * scale;
    inputs[place].value = String(Number(value.toPrecision(2)));
    keep(false);
  };
  const pad = steps.length > 1 ? drawn("svg", { class: "gw-sketch", viewBox: `0 0 ${PAD.width} ${PAD.height}`, "aria-hidden": "true" },
    drawn("line", { class: "gw-sketch-zero", x1: 0, x2: PAD.width, y1: PAD.height / 2, y2: PAD.height / 2 }), line, ...dots) : null;
  pad?.addEventListener("pointerdown", draw);
  pad?.addEventListener("pointermove", draw);
  show();
  return [el("div", { class: "gw-values" }, steps.map((step, place) => el("label", {}, `step ${step} `, inputs[place])), question.unit && question.unit !== "1" ? el("span", { class: "gw-muted" }, said(question.unit)) : null),
    pad, pad ? el("p", { class: "gw-muted" }, "Type the numbers, or draw them with the pointer.") : null];
}
