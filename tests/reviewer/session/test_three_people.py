"""A whole review by three people, each with a clone, a kernel, a browser and a key, from first look to merge.

The people are made up and labelled so everywhere. Signing is done by `glassworld sign` in processes of its own. With
GLASSWORLD_PICTURES set to a folder, what the pictures of docs/how-to/review-in-jupyter.md show is taken from here.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reviewer.history import load_history
from reviewer.repository import open_repository
from reviewer.session.memory import place_of, read_journal

pytestmark = pytest.mark.timeout(600)
LEAK = "mechanisms/leak.toml"
REQUESTS = "refs/glassworld/mr/*:refs/glassworld/mr/*"
REVIEWERS = ("bob", "cy", "dan")


def glassworld(*arguments: str) -> str:
    """One command in a process of its own, as somebody types it."""
    done = subprocess.run(
        [sys.executable, "-m", "worldmodel", *arguments], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def picture(window: Any, name: str) -> None:
    """Keeps a small picture for the documentation, where one is asked for."""
    folder = os.environ.get("GLASSWORLD_PICTURES")
    if folder:
        window.page.screenshot(path=Path(folder) / f"{name}.png", scale="css")


def answer_until_right(window: Any) -> None:
    """Answers what is asked after a wrong answer: each option in turn, and what the simulator then shows is read."""
    page = window.page
    for turn in range(24):
        page.locator("[aria-label='Questions']").get_by_text("wanted.").wait_for(timeout=90_000)
        button = page.locator("[data-key='answer']")
        if not button.count():
            return
        asked = page.locator("[aria-label='Questions'] .gw-asked > li").count()
        if page.locator("[aria-label='Questions'] .gw-options").count():
            options = page.locator("[aria-label='Questions'] .gw-options input")
            options.nth(turn % options.count()).check()
        for value in page.locator("[aria-label='Questions'] input.gw-value").all():
            value.fill("0.5")
        button.click()
        page.wait_for_function(
            "(asked) => document.querySelectorAll(\"[aria-label='Questions'] .gw-asked > li\").length > asked",
            arg=asked,
            timeout=90_000,
        )
    raise AssertionError("no answer was right")


def understand(window: Any) -> None:
    """Marks every hunk with the keyboard."""
    page = window.page
    for place in range(page.locator(".gw-hunk").count()):
        page.locator(".gw-hunk").nth(place).press("u")
        page.locator(".gw-hunk").nth(place).and_(page.locator(".gw-mark-understood")).wait_for()
    page.get_by_text("Every hunk is marked understood.").wait_for()


def clone(room: Any, who: str, place: Path) -> Path:
    git(place.parent, "clone", "-q", "-b", "approved", str(room.folder), str(place))
    git(place, "fetch", "-q", "origin", REQUESTS)
    assert who in load_history(open_repository(place)).standing.roster.people()
    return place


def test_three_people_review_from_first_look_to_merge(room: Any, desk: Any, tmp_path: Path) -> None:
    number = room.open(
        {LEAK: room.files[LEAK].replace(b"0.9", b"0.8").replace(b"HalfNormal(1)", b"HalfNormal(0.5)")},
        "robot",
        prose="The drain was found to be wider than drawn.",
        questions=1,
        provenance=room.provenance(),
    )
    windows = {}
    for who in REVIEWERS:
        folder = clone(room, who, tmp_path / who)
        windows[who] = desk.open(desk.notebook(folder, who, f"three-{who}")).wait()
    for who, window in windows.items():
        page = window.page
        assert f"Reviewing as {who.title()} (made-up)" in window.text(".gw-who")
        window.predict(number, "The level falls faster after a push.")
        picture(window, "review-first-look")
        page.get_by_role("button", name="Keep my prediction").click()
        page.get_by_role("heading", name="Your vote").wait_for()
        answer_until_right(window)
        if who == "cy":  # the kernel is started anew in the middle, and nothing is lost
            window.restart()
            page.get_by_text("wanted.").wait_for(timeout=90_000)
            assert page.get_by_text("The level falls faster after a push.").count() == 1
        understand(window)
        page.get_by_label("Why (needed to object)").fill(f"{who.title()} went through every line.")
        page.get_by_role("button", name="Approve").click()
        page.locator("[data-key='vote:approve'][aria-pressed='true']").wait_for()
        picture(window, "review-drafts")
        sign(room, who, tmp_path)
        page.get_by_text(f"{who.title()} (made-up) approves").wait_for(timeout=60_000)
        assert "None." in window.text(".gw-queue-column .gw-card")
    last = windows["dan"]
    last.page.locator(".gw-status").get_by_text("the gate is open").wait_for(timeout=60_000)
    picture(last, "review-open-gate")
    glassworld(
        "mr", "merge", str(number), "--key", str(room.key_file("dan", tmp_path)), "--world", str(tmp_path / "dan")
    )
    last.page.locator(".gw-status").get_by_text("was merged").wait_for(timeout=60_000)
    history = load_history(open_repository(tmp_path / "dan"))
    assert b"0.8 * level" in history.files[LEAK]
    [state] = [merged.request.state for merged in history.merged if merged.request.state.number == number]
    assert {history.standing.roster.person(cast.key) for cast in state.votes} == set(REVIEWERS)
    for who in REVIEWERS:
        events = [line["event"] for line in read_journal(place_of(open_repository(tmp_path / who), who))]
        assert events.index("predict") < events.index("vote")
        assert events.count("session") == (2 if who == "cy" else 1)


def sign(room: Any, who: str, place: Path) -> None:
    """Signs outside of the kernel what the browser drafted, on top of what the others said, and hands it on."""
    git(place / who, "fetch", "-q", "origin", REQUESTS)
    key = room.key_file(who, place)
    said = glassworld("sign", "--key", str(key), "--yes", "--world", str(place / who))
    assert f"You are {who.title()} (made-up)" in said
    assert "You will sign: approve" in said
    assert "You will sign: mark" in said
    git(place / who, "push", "-q", "origin", "refs/glassworld/mr/*:refs/glassworld/mr/*")
