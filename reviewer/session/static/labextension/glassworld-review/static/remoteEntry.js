// The part of the review session that JupyterLab itself loads: it runs the session's one cell when the notebook is
// opened, and again after the kernel was started anew, so that nobody looks at a dead application for long.
// Written by hand as a container of webpack's module federation; it needs nothing but the application object.
(() => {
  const ours = (panel) => panel?.content?.model?.getMetadata?.("glassworld")?.session === true;

  const idle = (session) => session?.session?.kernel?.status === "idle";

  const attend = async (app, panel) => {
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.revealed;
    if (!ours(panel)) return;
    let due = true;
    let running = false;
    const run = async () => {
      if (!due || running || !idle(panel.sessionContext) || panel.isDisposed) return;
      due = false;
      running = true;
      app.shell.activateById(panel.id);
      await app.commands.execute("notebook:run-all-cells");
      running = false;
    };
    panel.sessionContext.statusChanged.connect((_, status) => {
      if (["restarting", "autorestarting", "starting", "dead"].includes(status)) due = true;
      if (status === "idle") run();
    });
    panel.sessionContext.kernelChanged.connect(() => {
      due = true;
      run();
    });
    document.body.classList.add("glassworld-session");
    app.shell.collapseLeft?.();
    app.shell.collapseRight?.();
    if ("mode" in app.shell) app.shell.mode = "single-document";
    run();
  };

  const plugin = {
    id: "glassworld-review:run",
    description: "Runs the review session's cell",
    autoStart: true,
    activate: (app) => {
      const seen = new Set();
      const look = () => {
        for (const panel of app.shell.widgets("main")) {
          if (panel.content?.model !== undefined && panel.sessionContext && !seen.has(panel.id)) {
            seen.add(panel.id);
            attend(app, panel);
          }
        }
      };
      app.restored.then(() => {
        app.shell.layoutModified?.connect(look);
        app.shell.currentChanged?.connect(look);
        look();
      });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["glassworld-review"] = {
    init: () => undefined,
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
  };
})();
