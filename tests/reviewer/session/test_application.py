"""The application in Chromium: what is on disk at once, what the keyboard does, who may act, and who can use it."""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from reviewer.drafts import load_drafts
from reviewer.measuring.planting import plant
from reviewer.measuring.quarantine import load_quarantined, quarantine
from reviewer.session.memory import place_of, read_journal, recall

pytestmark = pytest.mark.timeout(600)
LEAK = "mechanisms/leak.toml"


def proposed(room: Any, rate: str = "0.8", **more: Any) -> int:
    """A request that changes how fast the tank leaks."""
    number: int = room.open({LEAK: room.files[LEAK].replace(b"0.9", rate.encode())}, **more)
    return number


def memory(room: Any, viewer: str = "bob") -> Any:
    return recall(place_of(room.repository, viewer), viewer)


def violations(window: Any) -> list[str]:
    """What axe-core says of our own subtree; JupyterLab's own is not ours to mend."""
    found = Axe().run(window.page, context=".gw-review").response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def visible(box: Locator, width: int = 1440, height: int = 900) -> bool:
    """Whether an element lies wholly within the window."""
    place = box.bounding_box()
    assert place is not None
    return place["x"] >= 0 and place["y"] >= 0 and place["x"] + place["width"] <= width and place["y"] + 20 <= height


def test_every_action_is_on_disk_at_once_and_nothing_is_shown_early(room: Any, desk: Any) -> None:
    number = proposed(room, prose="Trust me: it leaks less.")
    window = desk.open(desk.notebook(room.folder, "bob", "disk")).wait()
    page = window.page
    assert page.locator("[data-key='entry:2']").inner_text().count("a change") == 0
    window.predict(2, "It leaks faster")
    page.locator(".gw-side-column").get_by_text("Shown after your first look").wait_for()
    assert "Trust me" not in page.content()
    window.until(lambda: "It leaks faster" in memory(room).unsent.values())
    page.get_by_role("button", name="Keep my prediction").click()
    page.get_by_text("The merged world passes every check.").wait_for()
    assert [look.words for look in memory(room).looks.values()] == ["It leaks faster"]
    page.locator("[data-key^='understood:']").first.click()
    page.locator(".gw-mark-understood").first.wait_for()
    page.get_by_label("Why (needed to object)").fill("The drain was measured.")
    page.get_by_role("button", name="Approve").click()
    page.locator("[data-key='vote:approve'][aria-pressed='true']").wait_for()
    page.get_by_text("Nothing is signed yet").wait_for()
    [kept] = [kept for kept in load_drafts(room.repository) if kept.draft.kind == "approve"]
    assert (kept.draft.request, kept.draft.text) == (number, "The drain was measured.")
    assert room.request(number).state.votes == ()
    assert f"glassworld sign --world {room.folder}" in page.content()
    events = [line["event"] for line in read_journal(place_of(room.repository, "bob"))]
    assert events == ["session", "order", "open", "predict", "mark", "vote"]
    # What is signed in a terminal shows here by itself.
    for one in load_drafts(room.repository):
        room.sign(one, "bob")
    page.get_by_text("Bob (made-up) approves: mechanisms").wait_for()
    assert "1 of 3" in window.text("[aria-label='Gate']")


def test_the_keyboard_does_everything_and_the_notebook_hears_nothing(room: Any, desk: Any) -> None:
    proposed(room)
    window = desk.open(desk.notebook(room.folder, "bob", "keys")).wait()
    page = window.page
    cells = window.cells()
    page.locator("[data-key='entry:2']").press("n")
    page.locator("[data-key='entry:2']").press("Enter")
    page.locator(".gw-hunk").first.wait_for()
    page.locator(".gw-panel").press("j")
    assert page.evaluate("document.activeElement.dataset.hunk").startswith("sha256:")
    page.keyboard.press("u")
    page.locator(".gw-hunk.gw-mark-understood").first.wait_for()
    page.keyboard.press("]")
    page.locator(".gw-graph").wait_for()
    page.locator(".gw-node[tabindex='0']").focus()
    page.keyboard.press("Enter")
    assert "Reads its own past" in window.text(".gw-facts")
    places = [".gw-node[tabindex='0']", "[data-key='tab:graph']", "[data-key='entry:2']", ".gw-panel", ".gw-top h2"]
    for place in places:
        page.locator(place).first.click()
        for key in ("b", "a", "d", "d", "x", "m", "0", "0", "Shift+M", "Enter", "Escape"):
            page.keyboard.press(key)
    page.get_by_role("button", name="Keys").press("d")
    page.keyboard.press("?")
    page.get_by_text("next and previous hunk").wait_for()
    assert window.cells() == cells
    # The same key on a plain button beside the application does edit the notebook: the guard is what keeps it away.
    page.evaluate(
        "() => { const one = document.createElement('button'); one.id = 'bare'; one.textContent = 'bare';"
        " document.querySelector('.gw-review').parentElement.append(one); one.focus(); }"
    )
    page.keyboard.press("b")
    page.wait_for_function("() => jupyterapp.shell.currentWidget.content.model.cells.length === 2")


def test_anybody_can_use_it(room: Any, desk: Any) -> None:
    proposed(room)
    window = desk.open(desk.notebook(room.folder, "bob", "axe")).wait()
    page = window.page
    assert violations(window) == []
    page.locator("[data-key='entry:2']").click()
    page.get_by_role("button", name="Keep my prediction").wait_for(timeout=90_000)
    assert violations(window) == []
    assert visible(page.get_by_role("button", name="Keep my prediction"))
    window.look(2)
    page.locator("[data-key^='question:']").first.click()
    page.locator("[data-key^='remark:']").first.click()
    page.get_by_text("The merged world passes every check.").wait_for()
    assert violations(window) == []
    needed = [
        ".gw-verdict",
        "[data-key='vote:approve']",
        "[aria-label='Checks']",
        ".gw-queue",
        ".gw-hunk",
        ".gw-status",
    ]
    assert [place for place in needed if not visible(page.locator(place).first)] == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for name in ("Graph", "Change"):
        page.get_by_role("tab", name=name, exact=True).click()
        page.locator(".gw-panel svg").first.wait_for()
        page.locator(".gw-panel details summary").last.click()
        assert violations(window) == []
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    page.locator("body[data-jp-theme-light='false']").wait_for(state="attached")
    assert violations(window) == []
    page.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })")
    # 200 % zoom of 1440 × 900 is a window of 720 × 450: one column, everything reached by scrolling down alone.
    page.set_viewport_size({"width": 720, "height": 450})
    body = page.locator(".gw-body")
    assert body.evaluate("(node) => node.scrollWidth <= node.clientWidth + 1")
    page.locator("[data-key='vote:approve']").scroll_into_view_if_needed()
    assert visible(page.locator("[data-key='vote:approve']"), 720, 450)
    assert violations(window) == []


def test_a_second_browser_a_new_kernel_and_a_dead_one_are_told(room: Any, desk: Any) -> None:
    proposed(room)
    name = desk.notebook(room.folder, "bob", "epochs")
    first = desk.open(name).wait()
    epoch = holder(room)
    first.look(2)
    first.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    # A second browser draws the same session; it may read, and is told that another one acts.
    second = desk.open(name).wait("watching")
    assert "another browser" in second.text(".gw-banner")
    second.page.get_by_role("heading", name="Your vote").wait_for()
    assert second.page.locator("[data-key='vote:approve']").is_disabled()
    second.page.get_by_role("button", name="Use this browser").click()
    second.wait("acting")
    first.wait("watching")
    assert first.page.locator("[data-key='vote:approve']").is_disabled()
    # The kernel is started anew in the middle: what was drawn is told to be dead, and the new epoch has the first look.
    first.context.close()
    desk.windows.remove(first)
    second.restart()
    assert holder(room) != epoch
    second.page.get_by_role("heading", name="Your vote").wait_for()
    assert len(memory(room).looks) == 1
    # The kernel ends: nothing can be pressed, and what was typed is here and on disk.
    second.page.get_by_label("Why (needed to object)").fill("half a sentence")
    second.until(lambda: "half a sentence" in memory(room).unsent.values())
    second.kernel("shutdown")
    second.wait("lost")
    assert "does not answer" in second.text(".gw-banner")
    assert second.page.locator(".gw-review[data-link=lost] [data-acts]:not([disabled]):not([readonly])").count() == 0
    assert second.page.get_by_label("Why (needed to object)").input_value() == "half a sentence"
    assert {kept.draft.kind for kept in load_drafts(room.repository)} <= {"answer"}


def holder(room: Any) -> str:
    """The epoch of the session that may write."""
    epoch: str = json.loads(place_of(room.repository, "bob").holder.read_text())["epoch"]
    return epoch


def test_a_planted_request_tells_its_reviewer_at_once(room: Any, desk: Any) -> None:
    quarantine(room.repository, plant(room.history.files, 1, "sign flipped"), 2)
    window = desk.open(desk.notebook(room.folder, "bob", "planted")).wait()
    page = window.page
    window.look(2)
    page.get_by_text("The merged world passes every check.").wait_for()
    assert "planted" not in window.text(".gw-review")
    page.get_by_label("Why (needed to object)").fill("The rain fills the tank.")
    page.locator("[data-key='vote:object']").click()
    page.locator(".gw-debrief").wait_for()
    assert "You saw it. In mechanisms/" in window.text(".gw-debrief")
    assert "It can never be merged." in window.text(".gw-side-column")
    assert "planted; you saw it" in window.text("[data-key='entry:2']")
    assert page.locator("[data-key='vote:approve']").count() == 0
    assert load_quarantined(room.repository, 2).verdicts["bob"].verdict == "caught"
    assert violations(window) == []
