"""The parts of a session that need no world: order, heartbeat, memory, folder, opening, graph."""

import json
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.durable import append_durably
from reviewer.session import opening
from reviewer.session.background import Background
from reviewer.session.folder import NOTEBOOK, prepare
from reviewer.session.graphs import change_graph
from reviewer.session.heartbeat import SILENCE, hear, may_act, new_pulse
from reviewer.session.memory import Place, claim, holds, note, read_journal, recall, remember
from reviewer.session.order import shuffled
from reviewer.session.reading import pieces, read_change
from reviewer.session.viewer import find_viewer
from worldmodel.errors import InputError
from worldmodel.governance.hunks import Hunk

NAMES = st.lists(st.text(alphabet="abcdef0123456789", min_size=1, max_size=6), unique=True, max_size=12)


@given(NAMES, st.text(max_size=8))
def test_an_order_is_of_the_same_things_and_a_new_one_moves_no_other(names: list[str], seed: str) -> None:
    order = shuffled(seed, names)
    assert sorted(order) == sorted(names)
    assert [name for name in shuffled(seed, [*names, "new"]) if name != "new"] == order


def test_reviewers_have_different_orders() -> None:
    names = [str(number) for number in range(6)]
    assert len({tuple(shuffled(f"{seed:032x}", names)) for seed in range(50)}) > 30


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 2 * SILENCE), st.booleans()), max_size=30))
def test_one_browser_acts_at_a_time(beats: list[tuple[str, float, bool]]) -> None:
    pulse, now = new_pulse(), 0.0
    for browser, pause, takes_over in beats:
        before, now = pulse, now + pause
        pulse = hear(pulse, browser, now, takes_over)
        assert sum(may_act(pulse, one, pulse.epoch) for one in "abc") == 1
        assert not may_act(pulse, browser, "0" * 16)
        if pulse.acting != before.acting and before.acting is not None:
            assert takes_over or now - before.heard > SILENCE


def test_what_is_remembered_comes_back_and_a_newer_session_holds_it(tmp_path: Path) -> None:
    place = Place(tmp_path / "bob")
    memory = recall(place, "bob")
    assert recall(place, "bob") == memory
    remember(place, memory.model_copy(update={"unsent": {"a": "typed"}}))
    assert recall(place, "bob").unsent == {"a": "typed"}
    assert not holds(place, "old")
    claim(place, "old")
    claim(place, "new")
    assert (holds(place, "old"), holds(place, "new")) == (False, True)


def test_a_memory_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.memory.write_text(json.dumps({"viewer": "bob", "seed": "0" * 32, "format": 1, "signed": True}))
    with pytest.raises(InputError, match="unknown-field"):
        recall(place, "bob")


def test_a_journal_outlives_a_line_that_a_crash_cut_off(tmp_path: Path) -> None:
    place = Place(tmp_path)
    note(place, "e", "one")
    with place.journal.open("ab") as file:
        file.write(b'{"event": "tw')
    note(place, "e", "three")
    assert [line["event"] for line in read_journal(place)] == ["one", "torn", "three"]


def test_lines_are_added_whole(tmp_path: Path) -> None:
    append_durably(tmp_path / "new" / "log", b"a\n")
    append_durably(tmp_path / "new" / "log", b"b\n")
    assert (tmp_path / "new" / "log").read_bytes() == b"a\nb\n"


def test_the_server_listens_here_alone_and_its_token_is_on_no_command_line(tmp_path: Path) -> None:
    folder = prepare(tmp_path, "bob")
    line = opening.arguments(folder, 4321)
    assert "--ip=127.0.0.1" in line
    assert not any("token" in word.lower() for word in line)
    assert f"--ServerApp.root_dir={folder.root}" in line
    overrides = json.loads((folder.settings / "overrides.json").read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    assert overrides["@jupyterlab/apputils-extension:notification"]["checkForUpdates"] is False


def test_the_kernel_gets_no_agent() -> None:
    inherited = {"PATH": "/bin", "SSH_AUTH_SOCK": "/tmp/agent", "SSH_AGENT_PID": "1", "SSH_ASKPASS": "/bin/ask"}
    assert opening.environment("t", inherited) == {"PATH": "/bin", "JUPYTER_TOKEN": "t", "JUPYTER_NO_CONFIG": "1"}


def test_nothing_in_the_session_can_sign() -> None:
    """No module of the session names what reads keys or signs; what it imports may, and is handed no key."""
    folder = Path(opening.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    forbidden = (
        "reviewer.keys",
        "reviewer.agent",
        "reviewer.signing",
        "sign_operation",
        "Ed25519PrivateKey",
        "load_key",
    )
    assert [(name, word) for name, text in texts.items() for word in forbidden if word in text] == []


def test_a_notebook_holds_one_cell_that_asks_for_its_world_and_viewer(tmp_path: Path) -> None:
    folder = prepare(tmp_path / 'a "quoted" place', "bob")
    value = json.loads((folder.root / NOTEBOOK).read_text())
    [cell] = value["cells"]
    assert cell["source"][-1] == f'review({json.dumps(str(tmp_path / chr(97)))[:-1]} \\"quoted\\" place", "bob")'
    assert value["metadata"]["glassworld"] == {"session": True}


def test_a_server_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "arguments", lambda *_: ["/bin/sh", "-c", "echo no such lab; exit 3"])
    with pytest.raises(Exception, match=r"lab-not-started.*no such lab"):
        opening.start(prepare(tmp_path, "bob"))


def test_what_is_wanted_first_comes_first_and_nothing_twice() -> None:
    done: list[str] = []
    begun, release = threading.Event(), threading.Event()
    background = Background(lambda part: done.append(part[2]))
    background.want(("a", "b", "slow"), lambda: begun.set() or release.wait())
    assert begun.wait(30)
    for name in ("one", "two", "three", "one"):
        background.want(("a", "b", name), partial(str, name), first=name == "three")
    release.set()
    assert background.settle()
    assert done == ["slow", "three", "one", "two"]
    assert background.get(("a", "b", "two")) == "two"


def test_a_hunk_tells_what_differs_inside_it() -> None:
    hunk = Hunk(
        "mechanisms/a.toml", "parameters.b", {"prior": "Beta(1, 2)", "unit": "m"}, {"prior": "Beta(2, 2)", "unit": "m"}
    )
    differing, same = pieces(hunk)
    assert [(piece.name, piece.before, piece.after) for piece in differing] == [("prior", "Beta(1, 2)", "Beta(2, 2)")]
    assert same == ("unit",)


def test_lines_have_the_numbers_of_both_sides() -> None:
    [component] = read_change({"world.toml": b"a = 1\nb = 2\nc = 3\n"}, {"world.toml": b"a = 1\nb = 9\nc = 3\nd = 4\n"})
    told = [(line.sign, line.before, line.after, line.text) for line in component.lines]
    assert told == [
        (" ", 1, 1, "a = 1"),
        ("-", 2, None, "b = 2"),
        ("+", None, 2, "b = 9"),
        (" ", 3, 3, "c = 3"),
        ("+", None, 4, "d = 4"),
    ]


def test_the_graph_names_what_is_touched(room: Any) -> None:
    value = change_graph(room.files, ["mechanisms/leak.toml"])
    told = {node["name"]: (node["touched"], node["own_past"]) for node in value["nodes"]}
    assert told == {"level": (True, True), "rain": (False, False)}


def test_the_viewer_is_whose_public_key_it_is(room: Any, tmp_path: Path) -> None:
    from tests.reviewer.conftest import key_line

    path = tmp_path / "id.pub"
    path.write_text(key_line("bob-second") + "\n")
    assert find_viewer(room.folder, None, path) == "bob"
    assert find_viewer(room.folder, "cy", path) == "cy"
    path.write_text(key_line("robot") + "\n")
    with pytest.raises(InputError, match="viewer-unknown"):
        find_viewer(room.folder, None, path)
    with pytest.raises(InputError, match="no-key"):
        find_viewer(room.folder, None, tmp_path / "none.pub")
    assert "SSH_AUTH_SOCK" not in opening.environment("t", dict(os.environ))
