// The link to the kernel: beats, epochs, and answers to actions. A drawn widget proves nothing: until the kernel answers,
// and as soon as it no longer does, nothing can be done here.

const INTERVAL = 1500;
const SILENCE = 6000;

/** Who this browser tab is, across reloads; a stored value of another shape is not taken. */
function tabName() {
  const made = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const kept = sessionStorage.getItem("glassworld-browser");
    if (kept && /^[0-9a-f]{32}$/.test(kept)) return kept;
    const name = made();
    sessionStorage.setItem("glassworld-browser", name);
    return name;
  } catch {
    return made();
  }
}

/** Beats and messages; `on` has what to do when something is heard, and when the state of the link changes. */
function connect(model, on) {
  const browser = tabName();
  const link = { browser, state: "waiting", epoch: null, saved: null, unanswered: new Map() };
  let [number, heard] = [0, performance.now()];
  const send = (message) => {
    try {
      model.send({ browser, ...message });
    } catch {
      change("lost");
    }
  };
  const change = (state) => {
    if (link.state === state) return;
    link.state = state;
    on.state(state);
  };
  const receive = (message) => {
    if (!message || typeof message !== "object" || (message.to && message.to !== browser)) return;
    switch (message.type) {
      case "alive":
        heard = performance.now();
        if (link.epoch !== null && link.epoch !== message.epoch) send({ type: "hello" });
        link.epoch = message.epoch;
        change(!message.held ? "superseded" : message.acting ? "acting" : "watching");
        return;
      case "view": return on.view(message.view);
      case "pane": return on.pane(message);
      case "done":
        link.saved = message.saved;
        on.done(message.number, link.unanswered.get(message.number));
        link.unanswered.delete(message.number);
        return;
      case "refused":
        on.refused(message.problems, link.unanswered.get(message.number));
        link.unanswered.delete(message.number);
        return;
      case "trouble": return on.refused(message.problems);
      default:
    }
  };
  const beat = () => {
    if (performance.now() - heard > SILENCE) change("lost");
    number += 1;
    send({ type: "beat", number });
  };
  model.on("msg:custom", receive);
  const timer = setInterval(beat, INTERVAL);
  const woken = () => document.visibilityState === "visible" && beat();
  document.addEventListener("visibilitychange", woken);
  send({ type: "hello" });
  return {
    link,
    act(action, then) {
      if (link.state !== "acting") return;
      number += 1;
      link.unanswered.set(number, { action, then });
      send({ type: "act", epoch: link.epoch, number, action });
    },
    fetch: (pane) => send({ type: "fetch", pane }),
    take: () => {
      number += 1;
      send({ type: "beat", number, take: true });
    },
    close: () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", woken);
      model.off("msg:custom", receive);
    },
  };
}
