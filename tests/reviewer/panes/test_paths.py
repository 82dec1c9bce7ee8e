"""Paths and responses of a linear world in closed form, and exact zeros where the edit has no effect."""

from pathlib import Path

import pytest
import torch

from reviewer.panes.impulses import parents, push_of, responses
from reviewer.panes.movement import movements
from reviewer.panes.pane import Drawing, Sentence
from reviewer.panes.paths import path_blocks
from reviewer.panes.runs import behaviour
from reviewer.panes.subject import subject_of
from tests.reviewer.panes.line_world import FILES, SMALL, X_PATH, mechanism, with_law
from worldmodel.files import read_folder
from worldmodel.simulation.intervention import Intervention


def test_a_constant_in_the_law_adds_up_to_its_geometric_sum() -> None:
    found = behaviour(with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)"))
    assert found is not None
    difference = found.posterior.difference("x")
    wanted = torch.tensor([0.7 * (1 - 0.5**t) / 0.5 for t in range(1, 13)], dtype=torch.float64)
    assert torch.allclose(difference, wanted.expand_as(difference), atol=1e-12)
    assert torch.allclose(found.posterior.difference("y"), 2 * difference, atol=1e-12)
    assert not found.posterior.difference("w").any()
    assert not found.posterior.difference("z").any()


def test_a_response_to_a_push_is_the_closed_form_in_both_worlds() -> None:
    found = behaviour(with_law("Normal(0.5 * x[t-1] + 0.3 * z[t-1], 1)"))
    assert found is not None
    [answer] = responses(found, Intervention("z", 2.0, 1, 1, 1.0), ["x"])
    for step in range(1, answer.before.shape[1] + 1):
        geometric = 0.0 if step == 1 else 2.0 * 0.5 ** (step - 2)
        at = (slice(None), step - 1)
        assert torch.allclose(answer.before[at], torch.tensor(0.8 * geometric, dtype=torch.float64), atol=1e-12)
        assert torch.allclose(answer.after[at], torch.tensor(0.3 * geometric, dtype=torch.float64), atol=1e-12)
        assert torch.allclose(answer.change[at], torch.tensor(-0.5 * geometric, dtype=torch.float64), atol=1e-12)


def test_a_constant_does_not_change_a_response_and_rounding_does_not_count() -> None:
    found = behaviour(with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)"))
    assert found is not None
    for push in (push_of(found, name) for name in parents(found, ["x"])):
        [answer] = responses(found, push, ["x"])
        assert not answer.change.any()


def test_what_only_one_world_reads_is_pushed_first_and_the_touched_itself_last() -> None:
    found = behaviour(with_law("Normal(0.5 * x[t-1] + 0.8 * w[t-1], 1)"))
    assert found is not None
    assert parents(found, ["x"]) == ["w", "z", "x"]


def test_an_edit_without_effect_is_exactly_zero_everywhere() -> None:
    subject = with_law("Normal(0.8 * z[t-1] + x[t-1] * 0.5, 1)")
    found = behaviour(subject)
    assert found is not None
    assert all(own.share == 0 for own in movements(found.posterior))
    blocks = [*path_blocks(subject)]
    assert not any(isinstance(block, Drawing) for block in blocks)
    assert any("exactly no difference" in block.text for block in blocks if isinstance(block, Sentence))


def test_another_name_alone_moves_nothing() -> None:
    changes = {X_PATH: None, "mechanisms/movement.toml": mechanism("movement", "x", FILES_LAW)}
    found = behaviour(subject_of(FILES, changes, SMALL))
    assert found is not None
    assert found.touched == ()
    assert all(own.share == 0 for own in movements(found.posterior))


def test_a_mechanism_in_the_place_of_another_keeps_its_noise() -> None:
    changes = {X_PATH: None, "mechanisms/movement.toml": mechanism("movement", "x", f"{FILES_LAW[:-4]} + 0.7, 1)")}
    found = behaviour(subject_of(FILES, changes, SMALL))
    assert found is not None
    assert torch.allclose(found.posterior.difference("x")[:, 0], torch.tensor(0.7, dtype=torch.float64), atol=1e-12)


def test_a_new_variable_is_drawn_alone() -> None:
    before = {path: data for path, data in FILES.items() if path not in ("variables/w.toml", "mechanisms/apart.toml")}
    added = {path: FILES[path] for path in ("variables/w.toml", "mechanisms/apart.toml")}
    [drawing] = [block for block in path_blocks(subject_of(before, added, SMALL)) if isinstance(block, Drawing)]
    assert {row[0] for row in drawing.table.rows} == {"w (only after)"}
    assert all(row[2] == "" and row[4] == "" for row in drawing.table.rows)


def test_the_table_beside_a_picture_has_the_same_numbers() -> None:
    subject = with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)")
    drawing = next(block for block in path_blocks(subject) if isinstance(block, Drawing))
    last = [row for row in drawing.table.rows if row[0] == "x"][-1]
    assert (last[1], last[4].split(" ")[0]) == ("12", "1.4")
    assert 'role="img"' in drawing.svg


@pytest.mark.parametrize("path", ["variables/z.toml", "mechanisms/pushing.toml"])
def test_a_world_that_cannot_be_built_says_so(path: str) -> None:
    texts = [block.text for block in path_blocks(subject_of(FILES, {path: None}, SMALL)) if isinstance(block, Sentence)]
    assert any("after the change cannot be built" in text for text in texts)


FILES_LAW = "Normal(0.5 * x[t-1] + 0.8 * z[t-1], 1)"


def test_a_posterior_moves_what_data_say_and_no_prior_path() -> None:
    folder = Path(__file__).parents[2] / "golden/format-1"
    files = {path: data for path, data in read_folder(folder).items() if not path.startswith("governance/")}
    fitted = files.pop("posteriors/visits.toml")
    found = behaviour(subject_of(files, {"posteriors/visits.toml": fitted}, SMALL))
    assert found is not None
    assert found.touched == ("visitors",)
    assert [own.name for own in movements(found.posterior) if own.share > 0] == ["visitors"]
    assert all(own.share == 0 for own in movements(found.prior))
