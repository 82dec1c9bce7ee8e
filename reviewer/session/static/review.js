// The application: what the kernel's session sends is drawn, and what the reviewer does is sent to it. Nothing is kept
// here that matters: the kernel writes every action to disk before it answers.

const LINK_WORDS = {
  waiting: ["wait", "Waiting for the kernel"],
  acting: ["good", "Connected"],
  watching: ["unsure", "Open in another browser"],
  superseded: ["bad", "A newer session took over"],
  lost: ["bad", "The kernel does not answer"],
};
const LINK_HELP = {
  waiting: "Nothing can be done here until it answers. If it stays like this, run the cell again.",
  watching: "This reviewer's session is used in another browser. You can read here; to act here, take it over.",
  superseded: "Another session of this reviewer was opened on this machine. Go on there, or run the cell again to go on here.",
  lost: "It is busy, was started anew, or has ended. What was saved is on disk; what is typed here stays until you close the page. Nothing can be done here until it answers; after a restart, run the cell again.",
};

function makeApp(root, model) {
  const app = { view: null, tab: "hunks", panes: new Map(), typed: new Map(), opened: new Map(), asking: new Map(), remarking: null, keys: false, problems: [], drawn: new Map() };
  const frame = makeFrame(app);
  root.append(frame.top, frame.banner, frame.status, frame.body);
  const wire = connect(model, {
    state: () => drawLink(),
    view: (view) => newView(view),
    pane: (message) => {
      app.panes.set(`${message.proposal} ${message.pane}`, message.value);
      drawPane();
    },
    done: (number, asked) => {
      drawLink();
      asked?.then?.();
    },
    refused: (problems) => {
      app.problems = problems;
      drawLink();
    },
  });
  const timers = new Map();
  const send = (action, then) => {
    app.problems = [];
    wire.act(action, then);
    drawLink();
  };

  function newView(view) {
    const moved = app.view?.opened?.number !== view.opened?.number;
    if (app.view && app.view.epoch !== view.epoch) app.panes.clear();
    if (app.view?.opened?.sealed && !view.opened?.sealed && !moved) app.problems = [];
    app.view = view;
    if (moved) Object.assign(app, { tab: "hunks", remarking: null, asking: new Map() });
    drawAll();
  }

  /** Draws one region if what it shows has changed; the focus and what was scrolled stay where they were. */
  function region(node, name, shown, draw) {
    const now = JSON.stringify(shown ?? null);
    if (app.drawn.get(name) === now) return;
    app.drawn.set(name, now);
    const focus = node.contains(document.activeElement) ? document.activeElement : null;
    const key = focus?.dataset.key ?? null;
    const cursor = focus?.tagName === "TEXTAREA" ? [focus.selectionStart, focus.selectionEnd] : null;
    const places = new Map([...node.querySelectorAll("[data-key]")].filter((one) => one.scrollTop || one.scrollLeft).map((one) => [one.dataset.key, [one.scrollTop, one.scrollLeft]]));
    const top = node.scrollTop;
    node.replaceChildren(draw());
    node.scrollTop = top;
    for (const one of node.querySelectorAll("[data-key]")) {
      const place = places.get(one.dataset.key);
      if (place) [one.scrollTop, one.scrollLeft] = place;
      if (key !== null && one.dataset.key === key) {
        one.focus({ preventScroll: true });
        if (cursor) one.setSelectionRange(...cursor);
      }
    }
    applyLink(root, wire.link.state);
  }

  const local = () => [app.remarking, [...app.asking], app.view?.opened?.drafts, app.view?.opened?.remarks];

  function drawAll() {
    const { view } = app;
    if (!view) return;
    region(frame.who, "who", [view.viewer, view.note], () => el("span", {}, "Reviewing as ", el("strong", {}, said(view.viewer.label)), view.note ? el("span", { class: "gw-note" }, said(view.note)) : null));
    region(frame.queue, "queue", [view.queue, view.broken, view.opened?.number, view.drafts], () => el("div", {}, queueList(view, app), draftList(view, app)));
    region(frame.side, "side", [view.opened && { ...view.opened, panes: null }, app.keys, app.remarking === null], () => sideCards(view, app));
    region(frame.head, "head", [view.opened?.number, view.opened?.title, view.opened?.patchset, view.opened?.author, view.opened?.sealed], () => headOf(view.opened));
    if (frame.status.textContent !== view.status) frame.status.textContent = view.status;
    drawPane();
    drawLink();
  }

  function drawPane() {
    const opened = app.view?.opened;
    const tabs = opened ? tabsOf(opened) : [];
    if (opened && !tabs.some((tab) => tab.id === app.tab)) app.tab = "hunks";
    region(frame.tabs, "tabs", [tabs, app.tab], () => el("div", { class: "gw-tabs", role: "tablist", "aria-label": "Panes" }, tabs.map((tab) => tabButton(tab, app))));
    frame.panel.setAttribute("aria-label", tabs.find((tab) => tab.id === app.tab)?.title ?? "Pane");
    if (!opened) return region(frame.panel, "panel", null, () => el("p", { class: "gw-muted" }, "Choose a request on the left."));
    const tab = tabs.find((one) => one.id === app.tab);
    if (tab.id === "hunks") return region(frame.panel, "panel", ["hunks", opened.proposal, opened.files, opened.status, opened.own, local()], () => changePane(opened, app));
    if (tab.sealed) return region(frame.panel, "panel", ["sealed", tab.id], () => el("p", {}, toned("sealed", " Shown after your first look: it would give the answers away.")));
    const value = app.panes.get(`${opened.proposal} ${tab.id}`);
    if (value === undefined) wire.fetch(tab.id);
    region(frame.panel, "panel", [tab.id, opened.proposal, value === undefined], () => {
      if (value === undefined) return el("p", {}, toned("wait", " Being computed…"));
      return measured(tab.id, () => el("div", { class: "gw-tabbed" }, tab.id === "graph" ? null : el("h4", {}, tab.title), paneBody(value)));
    });
  }

  function drawLink() {
    const { state, saved, unanswered } = wire.link;
    const [tone, word] = LINK_WORDS[state];
    const keeping = [...unanswered.values()].some((one) => one.action.kind !== "compose");
    const told = keeping ? "saving…" : saved ? `saved ${saved.slice(11, 19)} UTC` : "";
    region(frame.link, "link", [state, told], () => el("span", {}, toned(tone, ` ${word}`), told ? el("span", { class: "gw-saved" }, told) : null));
    region(frame.banner, "banner", [state, app.problems, app.keys], () => el("div", {},
      LINK_HELP[state] && (state !== "waiting" || app.view) ? el("div", { class: "gw-alert" }, toned(tone, ` ${word}. `, LINK_HELP[state]), state === "watching" ? el("button", { class: "gw-small", "data-key": "take", onclick: () => wire.take() }, "Use this browser") : null) : null,
      app.problems.length ? el("div", { class: "gw-alert" }, el("ul", {}, app.problems.map((problem) => el("li", {}, toned("bad", " Not done: ", said(problem)))))) : null,
      app.keys ? keyList(app) : null));
    root.dataset.link = state;
    applyLink(root, state);
  }

  Object.assign(app, {
    isOpen: (name, otherwise) => app.opened.get(name) ?? otherwise,
    setOpen: (name, open) => app.opened.set(name, open),
    text: (field) => app.typed.get(field) ?? app.view?.unsent[field] ?? "",
    type(field, text) {
      app.typed.set(field, text);
      clearTimeout(timers.get(field));
      timers.set(field, setTimeout(() => wire.act({ kind: "compose", field, text }), 300));
    },
    forget(field) {
      clearTimeout(timers.get(field));
      app.typed.set(field, "");
      wire.act({ kind: "compose", field, text: "" });
      const node = root.querySelector(`textarea[data-key="${CSS.escape(`field:${field}`)}"]`);
      if (node) node.value = "";
    },
    field(field, label, rows, initial) {
      const value = app.typed.get(field) ?? app.view?.unsent[field] ?? initial;
      return el("label", { class: "gw-field" }, el("span", {}, label), el("textarea", { rows, value, "data-acts": "", "data-key": `field:${field}`, maxlength: 100000, oninput: (event) => app.type(field, event.target.value) }));
    },
    open: (number) => send({ kind: "open", number }),
    discard: (file) => send({ kind: "discard", file }),
    mark(hunks, state, text, field) {
      for (const hunk of hunks) app.asking.delete(hunk);
      send({ kind: "mark", number: app.view.opened.number, proposal: app.view.opened.proposal, hunks, state, text }, () => field && app.forget(field));
    },
    press(hunk, mark) {
      if (!hunk.markable || app.view.opened.own || app.view.opened.status !== "open" || wire.link.state !== "acting") return;
      const same = hunk.mark?.state === mark;
      if (same || mark === "understood") return app.mark([hunk.digest], same ? null : mark, "");
      app.asking.set(hunk.digest, mark);
      drawPane();
      root.querySelector(`[data-hunk="${CSS.escape(hunk.digest)}"] textarea`)?.focus();
    },
    pressDigest(digest, mark) {
      const hunk = app.view?.opened?.files.flatMap((file) => file.hunks).find((one) => one.digest === digest);
      if (hunk) app.press(hunk, mark);
    },
    startRemark(path, line) {
      app.remarking = path ? { path, line } : null;
      drawPane();
      if (path) root.querySelector(".gw-remark-row textarea")?.focus();
    },
    remark(path, line, field) {
      if (!app.text(field).trim()) return;
      const { number, proposal } = app.view.opened;
      send({ kind: "comment", number, proposal, text: app.text(field), path, line }, () => {
        app.forget(field);
        app.startRemark(null, null);
      });
    },
    vote(vote, field, wantsText) {
      const text = app.text(field);
      if (wantsText && !text.trim()) {
        root.querySelector(`textarea[data-key="${CSS.escape(`field:${field}`)}"]`)?.focus();
        return;
      }
      send({ kind: "vote", number: app.view.opened.number, proposal: app.view.opened.proposal, vote, areas: [], text }, () => app.forget(field));
    },
    predict(opened, words, fields) {
      const given = fields.map(([question, field]) => [question.digest, app.text(field)]);
      const missing = fields.findIndex(([question, field]) => !answered(question, app.text(field)));
      if (missing >= 0) {
        app.problems = [`question ${missing + 1} is not answered yet`];
        return drawLink();
      }
      const answers = Object.fromEntries(given);
      send({ kind: "predict", number: opened.number, proposal: opened.proposal, words: app.text(words), answers });
    },
    answer(opened, question, field) {
      if (!answered(question, app.text(field))) return;
      send({ kind: "answer", number: opened.number, proposal: opened.proposal, question: question.digest, text: app.text(field) });
    },
    choose(id, focus) {
      app.tab = id;
      drawPane();
      if (focus) frame.tabs.querySelector('[aria-selected="true"]')?.focus();
    },
    stepTab(step, focus) {
      const tabs = app.view?.opened ? tabsOf(app.view.opened) : [];
      if (!tabs.length) return false;
      const here = tabs.findIndex((tab) => tab.id === app.tab);
      app.choose(tabs[Math.min(tabs.length - 1, Math.max(0, here + step))].id, focus || frame.tabs.contains(document.activeElement));
      return true;
    },
    stepRequest(step) {
      const numbers = app.view?.queue.map((entry) => entry.number) ?? [];
      const next = numbers[Math.min(numbers.length - 1, Math.max(0, numbers.indexOf(app.view?.opened?.number) + step))];
      if (next !== undefined && next !== app.view?.opened?.number) app.open(next);
      return numbers.length > 0;
    },
    toggleKeys() {
      app.keys = !app.keys;
      drawLink();
      if (app.keys) root.querySelector(".gw-keys button")?.focus();
      return true;
    },
    close: () => wire.close(),
  });
  frame.help.addEventListener("click", () => app.toggleKeys());
  drawLink();
  return app;
}

function makeFrame() {
  const who = el("span", { class: "gw-who" });
  const link = el("span", { class: "gw-link", role: "status" });
  const help = el("button", { class: "gw-small", "data-key": "help", "aria-label": "Keys" }, "?");
  const top = el("div", { class: "gw-top" }, el("h2", {}, "Review"), who, link, help);
  const banner = el("div", { class: "gw-banner", role: "alert" });
  const status = el("p", { class: "gw-status", role: "status", "aria-live": "polite", "aria-label": "Where the request stands" });
  const queue = el("section", { class: "gw-column gw-queue-column", tabindex: "0", "aria-label": "Queue and drafts" });
  const head = el("div", { class: "gw-head" });
  const tabs = el("div", {});
  const panel = el("div", { class: "gw-column gw-panel", role: "tabpanel", tabindex: "0", id: `gw-panel-${panels += 1}` });
  const side = el("section", { class: "gw-column gw-side-column", tabindex: "0", "aria-label": "Gate, checks, votes and remarks" });
  const centre = el("section", { class: "gw-centre", "aria-label": "The change" }, head, tabs, panel);
  const body = el("div", { class: "gw-body" }, queue, centre, side);
  return { top, who, link, help, banner, status, queue, head, tabs, panel, side, body };
}

/** Whether there is an answer at all: a choice, or a number for each step. */
function answered(question, text) {
  if (question.options.length) return question.options.includes(text);
  const words = text.split(" ").filter(Boolean);
  return words.length === question.steps.length && words.every((word) => Number.isFinite(Number(word)) && word !== "_");
}

let panels = 0;

function headOf(opened) {
  if (!opened) return el("h3", {}, "No request is open");
  return el("div", {}, el("h3", {}, `Request ${opened.number}`, opened.title === null ? "" : ": ", opened.title === null ? "" : said(opened.title)),
    el("p", { class: "gw-muted" }, `Patchset ${opened.patchset}`, opened.author === null ? "; title, author and rationale are shown after your first look" : ["; by ", said(opened.author)],
      "; proposal ", el("code", {}, opened.proposal.slice(7, 19))));
}

function tabsOf(opened) {
  return [{ id: "hunks", title: "Hunks and lines", short: "Hunks" }, { id: "graph", title: "Graph of the world", short: "Graph" }, ...opened.panes];
}

function tabButton(tab, app) {
  const chosen = tab.id === app.tab;
  return el("button", { class: "gw-tab", role: "tab", "aria-selected": String(chosen), tabindex: chosen ? "0" : "-1", "data-key": `tab:${tab.id}`, title: tab.title, onclick: () => app.choose(tab.id, false) },
    tab.sealed ? toned("sealed", ` ${tab.short}`) : tab.short);
}

/** Without a living kernel behind it, nothing that acts can be pressed; text stays, and can be copied. */
function applyLink(root, state) {
  const free = state === "acting";
  for (const node of root.querySelectorAll("[data-acts]")) {
    if (node.tagName === "TEXTAREA") node.readOnly = !free;
    else if (!free && !node.disabled) {
      node.disabled = true;
      node.dataset.off = "";
    } else if (free && node.dataset.off !== undefined) {
      node.disabled = false;
      delete node.dataset.off;
    }
  }
}

/** How long a pane takes to draw, layout and paint included, for whoever measures: `performance` keeps it by name. */
function measured(name, draw) {
  const start = performance.now();
  const node = draw();
  requestAnimationFrame(() => setTimeout(() => performance.measure(`glassworld:${name}`, { start, end: performance.now() })));
  return node;
}

/** As tall as the notebook's own window, so that the three columns scroll and the page does not. */
function fitTo(root) {
  const outer = root.closest(".jp-WindowedPanel-outer, .jp-Notebook");
  if (!outer) return () => undefined;
  const fit = () => root.style.setProperty("--gw-height", `${Math.max(320, outer.clientHeight - 34)}px`);
  const observer = new ResizeObserver(fit);
  observer.observe(outer);
  fit();
  return () => observer.disconnect();
}

export default {
  render({ model, el: place }) {
    const root = el("div", { class: "gw-review", role: "region", "aria-label": "Glassworld review", tabindex: "-1" });
    place.append(root);
    const app = makeApp(root, model);
    attendKeys(root, app);
    let stop = () => undefined;
    requestAnimationFrame(() => {
      stop = fitTo(root);
    });
    return () => {
      stop();
      app.close();
    };
  },
};
