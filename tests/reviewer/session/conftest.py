"""JupyterLab and Chromium for the tests of the review session: one server, a kernel for each notebook, no network.

A test fails on any request that would leave this machine, and on any error in the page.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from reviewer.drafts import load_drafts, new_draft, save_draft
from reviewer.genesis import create_repository
from reviewer.history import context_of
from reviewer.session.folder import SessionFolder, notebook, prepare
from reviewer.session.opening import ADDRESS, Lab, start, stop
from tests.reviewer.conftest import FILES, Team, roster
from worldmodel.governance.operations import AREAS

RULES = "\n".join(["format = 2", "version = 1", *(f"[areas.{area}]\nquorum = 3" for area in AREAS)]).encode()
RAIN = b"""format = 1
id = "rain"
title = "Rain"
meaning = "water that falls into the tank"
unit = "m"
role = "exogenous"
initial = ["Normal(0, 1)"]

[support]
kind = "real"
"""
WEATHER = b"""format = 1
id = "weather"
assigns = "rain"
title = "Rain comes as it comes"
law = "Normal(0, amount)"

[parameters.amount]
prior = "HalfNormal(1)"
unit = "m"
why = "a wet year and a dry one"
"""
POOL = FILES["mechanisms/leak.toml"].replace(b"0.9 * level[t-1]", b"0.9 * level[t-1] + rain[t]")
TANK: Mapping[str, bytes] = {
    **FILES,
    "variables/rain.toml": RAIN,
    "mechanisms/weather.toml": WEATHER,
    "mechanisms/leak.toml": POOL,
}
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ),
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# JupyterLab's own: it asks for a language server that is not there, and a second browser hears of a widget early.
EXPECTED_ERRORS = ("the server responded with a status of 404", "Comm not found for comm id")
PATIENCE = 90_000


class Room(Team):
    """A team whose rules ask that people understand: every hunk marked, every question answered."""

    files = TANK

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.standing = create_repository(folder, roster(), RULES, TANK)

    def understand(self, number: int, *signers: str) -> None:
        """Marks every hunk and approves, for each of these people."""
        for who in signers:
            request, context = self.request(number), context_of(self.history, self.request(number))
            fields = {"hunks": sorted(request.state.hunks), "state": "understood", "context": context}
            save_draft(self.repository, new_draft(request, "mark", **fields))
            save_draft(self.repository, new_draft(request, "approve", context=context))
            for kept in load_drafts(self.repository):
                self.sign(kept, who)

    def adopt(self, changes: Mapping[str, bytes | None] = TANK, who: str = "ada", **more: Any) -> int:
        """The whole way, with everything understood."""
        number = self.open(changes, who, **more)
        self.understand(number, "bob", "cy", "dan")
        self.merge(number)
        return number


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A world with a tank in it that everybody understood, and nothing open."""
    made = Room(tmp_path / "world")
    made.adopt()
    return made


@dataclass
class Window:
    """One browser with its own cookies, the page in it, and what it did that it must not."""

    context: BrowserContext
    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def wait(self, state: str = "acting") -> "Window":
        """Waits until the application's link is in this state."""
        self.page.locator(f".gw-review[data-link={state}]").wait_for(timeout=PATIENCE)
        return self

    def text(self, selector: str) -> str:
        """The visible text of the first element."""
        return self.page.locator(selector).first.inner_text()

    def until(self, holds: Callable[[], bool], tries: int = 200) -> None:
        """Lets the page go on until something holds outside of it, such as on disk."""
        for _ in range(tries):
            if holds():
                return
            self.page.evaluate("new Promise((done) => setTimeout(done, 50))")
        raise AssertionError("it did not come to hold")

    def kernel(self, method: str) -> None:
        """Restarts or shuts down the kernel, as JupyterLab's menu does."""
        self.page.evaluate(f"jupyterapp.shell.currentWidget.sessionContext.session.kernel.{method}()")

    def predict(self, number: int, words: str) -> None:
        """Opens a request and fills in the first look: whatever is asked, and a sentence."""
        page = self.page
        page.locator(f"[data-key='entry:{number}']").click()
        page.get_by_role("button", name="Keep my prediction").wait_for(timeout=PATIENCE)
        for choice in page.locator("fieldset .gw-options").all():
            choice.locator("input").first.check()
        for value in page.locator("input.gw-value").all():
            value.fill("-0.1")
        page.locator(".gw-side-column textarea").last.fill(words)

    def look(self, number: int, words: str = "The level falls a little faster.") -> None:
        """Takes the first look."""
        self.predict(number, words)
        self.page.get_by_role("button", name="Keep my prediction").click()
        self.page.get_by_role("heading", name="Your vote").wait_for()

    def restart(self) -> None:
        """Starts the kernel anew, and waits until the application that was drawn before has made way for a new one."""
        self.page.evaluate("document.querySelector('.gw-review').dataset.old = ''")
        self.kernel("restart")
        self.page.locator(".gw-review:not([data-old])[data-link=acting]").wait_for(timeout=PATIENCE)

    def cells(self) -> list[str]:
        """The sources of the notebook's cells."""
        found: list[str] = self.page.evaluate(
            "[...jupyterapp.shell.currentWidget.content.model.cells].map((cell) => cell.sharedModel.source)"
        )
        return found


@dataclass
class Desk:
    """The server, the browser, and every window that was opened at them."""

    lab: Lab
    folder: SessionFolder
    chromium: Browser
    windows: list[Window] = field(default_factory=list)

    def notebook(self, world: Path, viewer: str, name: str) -> str:
        """Puts a session's notebook beside the others, so that it has a kernel of its own in the one server."""
        (self.folder.root / f"{name}.ipynb").write_text(json.dumps(notebook(world, viewer)), encoding="utf-8")
        return name

    def open(self, name: str, width: int = 1440, height: int = 900) -> Window:
        """Opens a notebook in a new browser with nothing in its storage."""
        context = self.chromium.new_context(viewport={"width": width, "height": height})
        window = Window(context, context.new_page())
        self.windows.append(window)
        watch(window)
        address = f"http://{ADDRESS}:{self.lab.port}/lab/workspaces/{name}{len(self.windows)}/tree/{name}.ipynb"
        window.page.goto(f"{address}?token={self.lab.token}&reset", timeout=PATIENCE)
        return window


def watch(window: Window) -> None:
    """Records every request to elsewhere, every error of the page's own code, and every dialog."""

    def asked(url: str) -> None:
        if not url.startswith((f"http://{ADDRESS}:", f"ws://{ADDRESS}:", "blob:", "data:")):
            window.outside.append(url)

    def told(message: Any) -> None:
        if message.type == "error" and not any(expected in message.text for expected in EXPECTED_ERRORS):
            window.errors.append(message.text)

    window.context.on("request", lambda request: asked(request.url))
    window.page.on("websocket", lambda socket: asked(socket.url))
    window.page.on("pageerror", lambda error: window.errors.append(str(error)))
    window.page.on("console", told)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; tests that need it are skipped only where none is installed.

    Its event loop runs in this thread, where other tests want loops of their own, so it does not outlive the module.
    """
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium on this machine: apt-get install --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, SessionFolder]]:
    folder = prepare(tmp_path_factory.mktemp("desk"), "nobody")
    os.environ["SSH_AUTH_SOCK"] = "/nowhere/agent.sock"  # so that a test can see it gone from the kernel
    lab = start(folder, options=("--LabApp.expose_app_in_browser=True",))
    os.environ.pop("SSH_AUTH_SOCK")
    yield lab, folder
    stop(lab)


@pytest.fixture
def desk(_server: tuple[Lab, SessionFolder], chromium: Browser) -> Iterator[Desk]:
    """A place to open sessions at; whatever a window did that it must not fails the test."""
    desk = Desk(*_server, chromium)
    yield desk
    outside = [url for window in desk.windows for url in window.outside]
    errors = [error for window in desk.windows for error in window.errors]
    for window in desk.windows:
        window.context.close()
    assert outside == []
    assert errors == []
