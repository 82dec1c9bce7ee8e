"""Every value of a bundle leads back to signed statements; a bundle that lacks one is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer.bundle_trace import trace_bundle
from reviewer.commands.trace import trace_command
from reviewer.release import seal
from reviewer.trace import describe, keys_of_lines, trace_file
from worldmodel.bundle.verify import verify_bundle
from worldmodel.canonical import canonical_json
from worldmodel.errors import GlassworldError, InputError

LEAK = "mechanisms/leak.toml"


@pytest.fixture
def grown(team: Any) -> Any:
    """A world whose law came from an assistant, after its other lines came from a person."""
    team.adopt()
    spread = team.provenance(data_digest="sha256:" + "7" * 64)
    team.adopt({LEAK: team.files[LEAK].replace(b"0.9 *", b"0.8 *")}, "robot", provenance=spread)
    return team


def count(value: Any) -> int:
    """The leaves of a value, counted in the plainest way."""
    if isinstance(value, dict) and value:
        return sum(map(count, value.values()))
    if isinstance(value, list) and value:
        return sum(map(count, value))
    return 1


def at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def test_every_leaf_is_traced_to_people(grown: Any) -> None:
    data, bundle = seal(grown.history)
    rows, whole = trace_bundle(bundle), json.loads(data)
    assert len(rows) == len({row["pointer"] for row in rows}) == count(whole["components"])
    for row in rows:
        assert at(whole, row["pointer"]) == row["value"]
        assert {one["person"] for one in row["approvals"]} >= {"bob", "cy"}
        assert all(one["key"].startswith("SHA256:") and one["time"] for one in row["approvals"])
        assert [one["hunk"] for one in row["understood"]] == [row["hunk"]]
        assert row["understood"][0]["by"]


def test_a_changed_line_is_the_assistants_and_the_others_are_not(grown: Any) -> None:
    rows = trace_bundle(seal(grown.history)[1], "/components/mechanisms~1leak.toml")
    law = next(row for row in rows if row["hunk"] == "law")
    others = [row for row in rows if row["hunk"] != "law"]
    assert (law["request"], law["proved"], law["provenance"]["assistant"]) == (2, False, "robot")
    assert law["provenance"]["data_digest"] == "sha256:" + "7" * 64
    assert law["author"].startswith("Robot")
    assert {(row["request"], row["proved"], row["provenance"]) for row in others} == {(1, True, None)}


@pytest.mark.parametrize("request_place", [0, 1])
def test_a_bundle_that_lacks_any_entry_is_refused(grown: Any, request_place: int) -> None:
    data, bundle = seal(grown.history)
    entries = len(json.loads(data)["requests"][request_place]["log"])
    for place in range(entries):
        value = json.loads(data)
        del value["requests"][request_place]["log"][place]
        with pytest.raises(GlassworldError):
            verify_bundle(canonical_json(value), bundle.fingerprint)


def test_a_pointer_to_nothing_is_told(grown: Any) -> None:
    bundle = seal(grown.history)[1]
    with pytest.raises(InputError) as refused:
        trace_bundle(bundle, "/components/mechanisms~1leak.toml/la")
    assert [problem.code for problem in refused.value.problems] == ["nothing-to-trace"]


def test_the_command_needs_the_bundle_alone(grown: Any, tmp_path: Path) -> None:
    path = tmp_path / "tank.json"
    path.write_bytes(seal(grown.history)[0])
    whole = CliRunner().invoke(trace_command, [str(path), "--world", str(tmp_path), "--json"])
    assert whole.exit_code == 0
    pointer = "/components/mechanisms~1leak.toml/law"
    one = CliRunner().invoke(trace_command, ["--bundle", str(path), pointer])
    assert [row["pointer"] for row in json.loads(whole.stdout)["values"]].count(pointer) == 1
    assert "made by robot 1 from data sha256:7777" in one.stdout
    assert "law understood by " in one.stdout
    path.write_bytes(path.read_bytes().replace(b"0.8 *", b"0.7 *"))
    assert CliRunner().invoke(trace_command, [str(path)]).exit_code == 2


def test_a_line_shows_who_understands_its_hunk(grown: Any) -> None:
    number = 1 + grown.history.files[LEAK].splitlines().index(b'law = "Normal(0.8 * level[t-1], spread)"')
    [origin] = trace_file(grown.repository, grown.history, LEAK, number)
    told = describe(LEAK, origin)
    assert told["request"] == 2
    assert [one["hunk"] for one in told["understood"]] == ["law"]
    assert len(told["understood"][0]["by"]) == 3


def test_no_text_inside_a_value_poses_as_a_key() -> None:
    data = b'law = "x"\nrationale = """\nlaw = 1\n[parameters.a]\n"""\n\n[parameters.b]\nprior = "N"\n'
    keys = [keys_of_lines(LEAK, data, line, line) for line in range(1, 9)]
    assert keys[0] == {"law"}
    assert all(found == {"rationale"} for found in keys[1:5])
    assert keys[5] == frozenset()
    assert keys[6] == keys[7] == {"parameters.b"}
