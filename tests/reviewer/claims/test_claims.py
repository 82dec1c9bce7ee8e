"""Claims of the templates and of families, the check before a merge, the pane, the command, and hostile files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer.claims.budget import Budget
from reviewer.claims.checks import claim_problems, undecided_note
from reviewer.claims.claim import claims_of, read_claim
from reviewer.claims.decide import decide, decide_all
from reviewer.claims.replay import read_counterexample, replay
from reviewer.commands.claims import claims_command
from reviewer.panes.claims_pane import claims_pane
from reviewer.panes.pane import Sentence, Table
from tests.reviewer.claims.small_worlds import decided, one_law, small_world
from worldmodel.build import load_world
from worldmodel.errors import InputError
from worldmodel.world import World

RISES = "increasing(mean(y[t]), x[t-1])"
TRUE, FALSE = (one_law(f"Normal({sign}x[t-1], 1)", RISES, 0, 1) for sign in ("", "-"))
OPEN = one_law("if x[t-1] < 0.5 then 0 else 1", RISES, 0, 1)
FALSELY = '[[claims]]\nclaim = "decreasing(mean(risk[t]), age[t])"'
SMALL = Budget(boxes=200, points=64)
TEMPLATES = Path(__file__).parents[3] / "worldmodel" / "templates"


@pytest.mark.parametrize(
    ("template", "false", "unsure"),
    [
        ("us_macro", set(), set()),
        ("influenza", set(), {("infections", 0), ("infections", 1)}),
        ("shallow_lake", set(), set()),
        ("rossi", set(), set()),
        ("machine", set(), set()),
    ],
)
def test_claims_of_the_templates(template: str, false: set[Any], unsure: set[Any]) -> None:
    """No template claims what its priors do not allow."""
    world = load_world(TEMPLATES / template)
    for decision in decide_all(world, budget=SMALL):
        place = (decision.claim.mechanism, decision.claim.number)
        wanted = "refuted" if place in false else "undecided" if place in unsure else "proved"
        assert decision.verdict == wanted, decision.bound
        if decision.counterexample is not None:
            assert replay(world, decision.counterexample).same


def test_a_claim_about_a_family_is_as_good_as_its_worst_element(family: Callable[[str], World]) -> None:
    good = decide(*_first(family("Normal(weight[place] * x[place, t-1], 1)")))
    assert good.verdict == "proved"
    bad = decide(*_first(family("Normal((weight[place] - 2) * x[place, t-1], 1)")))
    assert bad.verdict == "refuted"
    assert bad.counterexample is not None
    assert bad.counterexample.element == ("south",)
    assert replay(family("Normal((weight[place] - 2) * x[place, t-1], 1)"), bad.counterexample).fails
    many = decide(*_first(family("Normal(weight[place] * x[place, t-1], 1)")), Budget(elements=1))
    assert many.verdict == "undecided"


def _first(world: World) -> tuple[World, Any]:
    return world, claims_of(world)[0]


@pytest.fixture
def family() -> Callable[[str], World]:
    """A world with x and y over two places, and a table of weights that is 3 in the north and 1 in the south."""
    from worldmodel.build import build_world

    def make(law: str) -> World:
        head = {"format": 1, "language": 1, "name": "two", "summary": "two places", "step": "day"}
        variable = {
            "format": 1, "title": "v", "meaning": "v", "unit": "1", "role": "state", "over": ["place"],
            "support": {"kind": "real"}, "initial": ["Delta(0)"],
        }  # fmt: skip
        rows = {"by": ["place"], "rows": [3, 1], "why": "test"}
        one = {"format": 1, "title": "m", "claims": [{"claim": "increasing(mean(y[place, t]), x[place, t-1])"}]}
        return build_world(
            {
                "world.toml": {**head, "indices": {"place": ["north", "south"]}, "tables": {"weight": rows}},
                "variables/x.toml": {**variable, "id": "x"},
                "variables/y.toml": {**variable, "id": "y"},
                "mechanisms/x.toml": {"format": 1, "title": "m", "id": "x", "assigns": "x", "law": "Normal(0, 1)"},
                "mechanisms/y.toml": {**one, "id": "y", "assigns": "y", "law": law},
            }
        )

    return make


def test_many_claims_share_what_one_mechanism_may_cost() -> None:
    assert Budget().shared(8, 1) == Budget()
    shared = Budget().shared(200, 1)
    assert 200 * shared.boxes <= 8 * Budget().boxes
    assert 200 * shared.values <= 8 * Budget().values
    assert Budget().shared(1, 64).work * 64 <= 8 * Budget().work


def test_a_refuted_claim_is_a_problem_and_an_undecided_one_is_told() -> None:
    assert claim_problems(TRUE) == []
    (problem,) = claim_problems(FALSE)
    assert (problem.code, problem.where, problem.part) == ("claim-refuted", "mechanisms/y.toml", "claims.0.claim")
    assert claim_problems(FALSE, before=TRUE) == [problem]
    assert claim_problems(FALSE, before=FALSE) == []
    assert claim_problems(OPEN, budget=SMALL) == []
    assert "increasing(mean(y[t]), x[t-1])" in undecided_note(decide_all(OPEN, budget=SMALL))
    assert undecided_note(decide_all(TRUE)) == ""


def test_a_claim_of_no_file_is_read_and_checked() -> None:
    asked = read_claim(TRUE, "y", "decreasing(mean(y[t]), x[t-1])")
    assert decide(TRUE, asked).verdict == "refuted"
    for text, code in [("mean(y[t] >= 0", "syntax"), ("mean(w[t]) >= 0", "unknown-name"), ("x == 1", "syntax")]:
        with pytest.raises(InputError) as caught:
            read_claim(TRUE, "y", text)
        assert caught.value.problems[0].code == code
    with pytest.raises(InputError):
        claims_of(TRUE, "nobody")


def test_the_pane_shows_what_a_change_does_to_claims() -> None:
    pane = claims_pane(TRUE, FALSE, SMALL)
    assert pane.id == "claims"
    texts = [block.text for block in pane.blocks if isinstance(block, Sentence)]
    assert any("which is false" in text for text in texts)
    assert any("was proved before and is refuted now" in text for text in texts)
    (table,) = (block for block in pane.blocks if isinstance(block, Table))
    assert table.rows[0][:4] == ("y", RISES, "✓ proved", "✗ refuted")
    assert all(len(row) == len(table.headings) for row in table.rows)
    assert claims_pane(TRUE, FALSE, SMALL) == pane


def test_the_pane_tells_claims_that_went_and_claims_that_are_open() -> None:
    none = small_world({"y": "Normal(0, 1)", "x": "Uniform(0, 1)"}, {})
    gone = [block.text for block in claims_pane(TRUE, none, SMALL).blocks if isinstance(block, Sentence)]
    assert gone == [f"y no longer claims {RISES}."]
    assert "No mechanism claims anything." in str(claims_pane(None, none, SMALL))
    assert "undecided, and for people to judge" in str(claims_pane(None, OPEN, SMALL))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(claims_command, list(arguments))


def test_the_command_decides_saves_and_replays(tmp_path: Path) -> None:
    """A prior that allows either sign makes a claim of a sign false, and the machine says at which parameters."""
    world, saved = tmp_path / "rossi", tmp_path / "saved"
    shutil.copytree(TEMPLATES / "rossi", world)
    hazard = world / "mechanisms" / "hazard.toml"
    text = hazard.read_text(encoding="utf-8")
    hazard.write_text(text.replace("[[sources]]", f"{FALSELY}\n[[sources]]", 1), encoding="utf-8")
    found = run("--world", str(world), "--save", str(saved))
    assert found.exit_code == 1
    assert "✗ refuted  hazard" in found.output
    path = saved / "hazard.0.json"
    assert f"glassworld claims hazard --replay {path}" in found.output
    again = run("hazard", "--world", str(world), "--replay", str(path))
    assert again.exit_code == 0, again.output
    assert "fails again, every number as recorded" in again.output
    assert run("arrest", "--world", str(world), "--replay", str(path)).exit_code == 2
    good = run("arrest", "--world", str(world), "--json")
    assert good.exit_code == 0
    facts = json.loads(good.output)
    assert facts["ok"] is True
    assert [one["verdict"] for one in facts["decisions"]] == ["proved"]
    assert facts["digest"].startswith("sha256:")


def test_the_replay_of_a_counterexample_that_fails_no_more_says_no() -> None:
    found = decided(FALSE)
    assert found.counterexample is not None
    assert replay(FALSE, found.counterexample).fails
    assert not replay(TRUE, found.counterexample).fails


def wrong(change: dict[str, Any]) -> bytes:
    found = decided(FALSE)
    assert found.counterexample is not None
    value = found.counterexample.to_json()
    facts = {**value["facts"], **change.pop("facts", {})}
    return json.dumps({**value, "facts": facts, **change}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        wrong({"more": 1}),
        wrong({"kind": "word"}),
        wrong({"mechanism": "nobody"}),
        wrong({"claim": "mean(y[t]) >= 0"}),
        wrong({"element": ["north"]}),
        wrong({"element": 3}),
        wrong({"facts": {"law": "x"}}),
        wrong({"facts": {"law": ["y"]}}),
        wrong({"facts": {"points": []}}),
        wrong({"facts": {"points": [{}, {}]}}),
        wrong({"facts": {"points": [{"x[t-1]": "zero"}] * 2}}),
        wrong({"facts": {"points": 7}}),
        wrong({"facts": {"u": "half"}}),
    ],
)
def test_a_counterexample_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        replay(FALSE, read_counterexample(data))


@pytest.mark.parametrize(
    "points",
    [
        [{"x[t-1]": 1.0}, {"x[t-1]": 0.0}],
        [{"x[t-1]": 0.5}, {"x[t-1]": 0.5}],
        [{"x[t-1]": 0.0}, {"x[t-1]": 9.0}],
        [{"x[t-1]": float("-inf")}, {"x[t-1]": 1.0}],
    ],
)
def test_points_outside_supports_or_in_the_wrong_order_show_nothing(points: list[dict[str, float]]) -> None:
    assert not replay(FALSE, read_counterexample(wrong({"facts": {"points": points}}))).fails


def test_a_run_that_a_file_asks_for_is_bounded() -> None:
    world = small_world({"y": "Bernoulli(0.3)"}, {"y": ["P(y > 0 within 1) <= 0.1"]}, supports=_WHOLE)
    found = decided(world)
    assert found.counterexample is not None
    for change in ({"trajectories": 10**12}, {"trajectories": True}, {"source": "moon"}, {"seed": "x"}):
        value = found.counterexample.to_json()
        data = json.dumps({**value, "facts": {**value["facts"], **change}}).encode()
        with pytest.raises(InputError):
            replay(world, read_counterexample(data))


_WHOLE = {"y": {"kind": "integer", "lower": 0, "upper": 1}}
