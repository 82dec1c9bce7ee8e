import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reviewer.panes.ablation import ablation_blocks
from reviewer.panes.action import action_blocks
from reviewer.panes.bits import bits_blocks
from reviewer.panes.credit import credit_blocks
from reviewer.panes.equality import equality_blocks
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.scores import scores_blocks
from reviewer.panes.subject import Settings, Subject, subject_of
from worldmodel.readings.bits import mechanism_bits

ROOT = Path(__file__).parents[3] / "worldmodel" / "templates" / "us_macro"
FILES = {str(path.relative_to(ROOT)): path.read_bytes() for path in ROOT.rglob("*.toml")}
SETTINGS = Settings(draws=64)


def _subject(*edits: tuple[str, str, str], evidence: dict[str, Any] | None = None) -> Subject:
    changes = {}
    for path, old, new in edits:
        assert old.encode() in FILES[path]
        changes[path] = FILES[path].replace(old.encode(), new.encode())
    plain = subject_of(FILES, changes, SETTINGS)
    return Subject(plain.before, plain.after, plain.changes, None, evidence or {}, settings=SETTINGS)


OKUN = ("mechanisms/consumption_growth.toml", "trend - okun", "trend + okun")
EFFECT = ("mechanisms/investment_saving.toml", "HalfNormal(0.05)", "HalfNormal(0.2)")
SPELLED = (
    "mechanisms/phillips_curve.toml",
    "mix(inertia, inflation[t-1], expected_inflation[t]) - slope * slack[t-1]",
    "expected_inflation[t] + inertia * (inflation[t-1] - expected_inflation[t]) - slack[t-1] * slope",
)


def _table(blocks: list[Block], place: int = 0) -> Table:
    return [block for block in blocks if isinstance(block, Table)][place]


def _said(blocks: list[Block]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Sentence))


def test_a_new_spelling_moves_nothing_and_gets_no_credit() -> None:
    subject = _subject(OKUN, SPELLED)
    rows = {row[0]: row for row in _table(list(ablation_blocks(subject))).rows}
    spelled, okun = rows["mechanisms/phillips_curve.toml"], rows["mechanisms/consumption_growth.toml"]
    assert spelled[1] == spelled[2]
    assert spelled[5] == "1.000"
    assert okun[1] != okun[2]
    credit = {row[0]: row[2] for row in _table(list(credit_blocks(subject))).rows}
    assert credit["mechanisms/phillips_curve.toml"] == "0"


def test_shares_of_credit_add_up_to_the_change() -> None:
    blocks = list(credit_blocks(_subject(OKUN, EFFECT, SPELLED)))
    total = float(_said(blocks).split("changes by ")[1].split()[0])
    shares = [float(row[2]) for row in _table(blocks).rows]
    assert math.fsum(shares) == pytest.approx(total, abs=2e-3 * max(1.0, *map(abs, shares)))
    assert total != 0


def test_equal_components_are_called_equal() -> None:
    assert "exactly as before" in _said(list(equality_blocks(_subject(SPELLED))))
    rows = {row[0]: row for row in _table(list(equality_blocks(_subject(OKUN, SPELLED)))).rows}
    assert (rows["inflation"][1], rows["growth"][1]) == ("equal", "different")


def test_best_action_stays_where_the_change_is_no_change() -> None:
    blocks = list(action_blocks(_subject(SPELLED)))
    assert "stays" in _said(blocks)
    assert {row[3] for row in _table(blocks).rows} == {"0"}


def test_best_action_moves_with_the_objective() -> None:
    # Savers to whom the rate itself is worth a lot, whatever it buys, want it high.
    subject = _subject(("utilities/savers.toml", "(rate[t-1] - inflation[t]) / full", "1000 * rate[t-1] / full"))
    blocks = list(action_blocks(subject))
    assert "changes:" in _said(blocks)
    assert "rate held at 20 after" in _said(blocks)


def test_bits_are_those_of_the_reading() -> None:
    subject = _subject(SPELLED)
    new = subject.new.world
    assert new is not None
    row = _table(list(bits_blocks(subject))).rows[0]
    assert row[2] == f"{mechanism_bits(new.mechanisms['phillips_curve'], new):.1f}"
    assert float(row[3]) == pytest.approx(float(row[2]) - float(row[1]), abs=0.11)


def _evidence(**rows: Any) -> dict[str, Any]:
    scores = {"by_step": rows, "coverage": {"interval": 0.9, "inside": 36, "steps": 40}}
    return {"mechanisms": {"phillips_curve": {"scores": scores}}}


def test_scores_are_compared_here_and_coverage_has_its_exact_interval() -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, 40)
    model = np.full(40, -1.0)
    evidence = _evidence(model=model.tolist(), prior=(model - 0.5 + noise).tolist(), approved=model.tolist())
    blocks = list(scores_blocks(_subject(SPELLED, evidence=evidence)))
    rows = {row[1]: row for row in _table(blocks).rows}
    assert rows["prior"][6] == "1.000"
    assert rows["approved"][5] == "1.000"
    assert _table(blocks, 1).rows[0][2:] == ("36 of 40", "90%", "76% to 97%")


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"mechanisms": 3},
        {"mechanisms": {"x": None}},
        _evidence(model=[1.0, float("nan")], prior=[0.0, 1.0]),
        _evidence(model=["<b>"], prior=[1.0]),
        _evidence(model=[1.0, 2.0], prior=[1.0]),
        _evidence(model=[True], prior=[False]),
    ],
)
def test_evidence_that_is_not_as_it_should_be_is_no_comparison(evidence: dict[str, Any]) -> None:
    blocks = list(scores_blocks(_subject(SPELLED, evidence=evidence)))
    assert not any(isinstance(block, Table) and "signed-rank" in block.caption for block in blocks)


def test_a_world_that_cannot_be_built_says_so_in_every_pane() -> None:
    broken = _subject(("mechanisms/phillips_curve.toml", "slope * slack[t-1]", "slope * slack[t-"))
    for pane in (ablation_blocks, action_blocks, bits_blocks, credit_blocks):
        assert "cannot be built" in _said(list(pane(broken)))
