"""One step from reference states, against closed forms."""

import torch

from reviewer.panes.one_step import one_step_blocks, steps
from reviewer.panes.pane import Drawing, Sentence
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject, subject_of
from tests.reviewer.panes.line_world import FILES, SMALL, X_LAW, X_PATH, mechanism, variable, with_law


def found(subject: Subject) -> Behaviour:
    """What is run for a subject."""
    own = behaviour(subject)
    assert own is not None
    return own


def test_a_shift_of_the_law_is_the_distance_from_every_state() -> None:
    compared = steps(found(with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)")), "x")
    assert len(compared) == 4
    for step in compared:
        assert torch.allclose(step.after - step.before, torch.full_like(step.after, 0.7), atol=1e-12)


def test_another_slope_moves_the_step_by_the_state_and_the_resting_state_not_at_all() -> None:
    resting, *others = steps(found(with_law("Normal(0.9 * x[t-1] + 0.8 * z[t-1], 1)")), "x")
    assert resting.state == "the resting state"
    assert torch.equal(resting.before, resting.after)
    means = [float((step.after - step.before).mean()) for step in others]
    assert means == sorted(means)
    assert means[0] < -0.3 < 0.3 < means[-1]


def test_an_edit_without_effect_changes_no_draw() -> None:
    blocks = [*one_step_blocks(with_law("Normal(0.8 * z[t-1] + x[t-1] * 0.5, 1)"))]
    assert not any(isinstance(block, Drawing) for block in blocks)
    assert any("exactly no change" in block.text for block in blocks if isinstance(block, Sentence))


def test_only_what_is_touched_is_compared_and_its_largest_step_comes_first() -> None:
    first, *rest = one_step_blocks(with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)"))
    assert isinstance(first, Sentence)
    assert "moves most in x" in first.text
    assert "by 0.7" in first.text
    [drawing] = [block for block in rest if isinstance(block, Drawing)]
    assert [row[3] for row in drawing.table.rows] == ["0.7"] * 4


def test_a_change_of_unit_says_that_numbers_are_not_comparable() -> None:
    changes = {"variables/w.toml": variable("w", unit="m"), "mechanisms/apart.toml": mechanism("apart", "w", "w[t-1]")}
    texts = [block.text for block in one_step_blocks(subject_of(FILES, changes, SMALL)) if isinstance(block, Sentence)]
    assert any("unit of w changes from 1 to m" in text for text in texts)


def test_a_step_that_leaves_a_support_is_counted_and_said() -> None:
    bounded = variable("x", unit="1").replace(b'kind = "real"', b'kind = "real"\nlower = -1.0\nupper = 1.0')
    changes = {"variables/x.toml": bounded, X_PATH: mechanism("motion", "x", X_LAW)}
    texts = [block.text for block in one_step_blocks(subject_of(FILES, changes, SMALL)) if isinstance(block, Sentence)]
    assert any("leaves a support in" in text and "0 % before" in text for text in texts)


def test_a_variable_that_comes_has_no_step_to_compare() -> None:
    before = {path: data for path, data in FILES.items() if path not in ("variables/w.toml", "mechanisms/apart.toml")}
    added = {path: FILES[path] for path in ("variables/w.toml", "mechanisms/apart.toml")}
    [only] = one_step_blocks(subject_of(before, added, SMALL))
    assert isinstance(only, Sentence)
    assert only.text.startswith("Only in the world after")
    assert only.text.endswith(": w.")


def test_an_action_without_a_rule_is_kept_where_it_is_and_the_pane_says_so() -> None:
    world = dict(FILES) | {"variables/z.toml": variable("z", "action", "3", "1")}
    world.pop("mechanisms/pushing.toml")
    subject = subject_of(world, {X_PATH: mechanism("motion", "x", f"{X_LAW[:-4]} + z[t], 1)")}, SMALL)
    compared = steps(found(subject), "x")
    assert all(torch.allclose(step.after - step.before, torch.full_like(step.after, 3.0)) for step in compared)
    texts = [block.text for block in one_step_blocks(subject) if isinstance(block, Sentence)]
    assert any("z kept at 3" in text for text in texts)
