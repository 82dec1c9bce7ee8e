"""A proposal is what the review takes: files that check, facts, provenance; and every obstacle is named."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants.brief import Brief
from assistants.parameters.proposer import propose
from worldmodel.build import check_files, load_world
from worldmodel.canonical import digest_bytes
from worldmodel.errors import GlassworldError
from worldmodel.files import read_folder
from worldmodel.governance.proposal import ProposalFile, dump_proposal, load_proposal

WriteLake = Callable[..., Path]


def proposal(folder: Path, *mechanisms: str) -> ProposalFile:
    (only,) = propose(Brief(folder, load_world(folder), mechanisms))
    return only


def codes(folder: Path, *mechanisms: str) -> set[str]:
    with pytest.raises(GlassworldError) as caught:
        proposal(folder, *mechanisms)
    return {problem.code for problem in caught.value.problems}


def test_the_proposed_world_checks_and_the_proposal_survives_its_file(write_lake: WriteLake) -> None:
    folder = write_lake()
    answer = proposal(folder)
    changed = {
        **read_folder(folder),
        **{path: text.encode() for path, text in answer.changes.items() if text is not None},
    }
    assert check_files(changed) == []
    assert set(answer.changes) == {
        "posteriors/keeping.toml",
        "posteriors/passing.toml",
        "posteriors/keeper.toml",
        "world.toml",
    }
    assert "keeping = 0.95    # the last level counts" in str(answer.changes["world.toml"])
    assert load_proposal(dump_proposal(answer), "here") == answer
    assert set(answer.evidence["mechanisms"]) == {"keeping", "passing", "keeper"}
    assert answer.evidence["without_parameters"] == ["weather"]


def test_the_data_digest_is_that_of_the_file_and_the_proposal_follows_the_data(write_lake: WriteLake) -> None:
    first, again, other = (proposal(write_lake(seed), "keeper") for seed in (1, 1, 2))
    assert first == again
    assert first.changes != other.changes
    assert first.provenance is not None
    assert first.provenance.data_digest == digest_bytes((write_lake(1) / "data/lake.csv").read_bytes())
    assert first.provenance.data_digest in str(first.changes["posteriors/keeper.toml"])


def held_out_doubled(folder: Path) -> str:
    """The lake's data with other values of the gate in the rows that are held out, and in no others."""
    lines = (folder / "data/lake.csv").read_text().splitlines()
    moved = [line.rsplit(",", 1) for line in lines[-30:]]
    return "\n".join([*lines[:-30], *(f"{rest},{2 * float(gate):.6f}" for rest, gate in moved)]) + "\n"


def test_held_out_rows_move_the_scores_and_nothing_else_of_a_posterior(write_lake: WriteLake) -> None:
    folder = write_lake()
    other = write_lake(files={"data/lake.csv": held_out_doubled(folder)})
    before, after = (learned(entry, "keeper") for entry in (folder, other))
    assert before.pop("data_digest") != after.pop("data_digest")
    assert before.pop("scores") != after.pop("scores")
    assert before == after


def learned(folder: Path, mechanism: str) -> dict[str, Any]:
    return tomllib.loads(str(proposal(folder, mechanism).changes[f"posteriors/{mechanism}.toml"]))


def test_fewer_mechanisms_can_be_asked_for_and_rivals_then_rest(write_lake: WriteLake) -> None:
    assert set(proposal(write_lake(), "keeping").changes) == {"posteriors/keeping.toml"}


def test_progress_is_told(write_lake: WriteLake) -> None:
    folder, told = write_lake(), []
    list(propose(Brief(folder, load_world(folder), ("keeper",), progress=lambda *what: told.append(what))))
    assert told[0] == ("keeper", 0, 1)
    assert told[-1] == ("done", 1, 1)


def test_a_missing_column_is_named(write_lake: WriteLake) -> None:
    assert codes(write_lake(files={"data/lake.csv": "time,rain,level\n1,0,0\n2,0,0\n3,1,1\n"})) == {
        "data-missing-column"
    }


def test_a_gap_in_time_is_a_problem(write_lake: WriteLake) -> None:
    folder = write_lake()
    lines = (folder / "data/lake.csv").read_text().splitlines(keepends=True)
    (folder / "data/lake.csv").write_text("".join(lines[:40] + lines[41:]))
    assert codes(folder) == {"data-gap"}


def test_an_unobserved_input_is_named_for_every_mechanism(write_lake: WriteLake) -> None:
    folder = write_lake()
    file = folder / "variables/rain.toml"
    file.write_text(file.read_text().replace('role = "exogenous"', 'role = "exogenous"\nobserved = false'))
    with pytest.raises(GlassworldError) as caught:
        proposal(folder)
    assert {problem.where for problem in caught.value.problems} == {
        "mechanisms/keeping.toml",
        "mechanisms/passing.toml",
    }
    assert {problem.code for problem in caught.value.problems} == {"not-measured"}
    assert set(proposal(folder, "keeper").changes) == {"posteriors/keeper.toml"}


def test_too_few_rows_are_a_problem(write_lake: WriteLake) -> None:
    folder = write_lake()
    header = folder / "world.toml"
    header.write_text(header.read_text().replace("holdout = 30", "holdout = 136"))
    assert codes(folder) == {"too-few-observations"}


def test_parameters_of_a_law_without_a_distribution_are_a_problem(write_lake: WriteLake) -> None:
    folder = write_lake()
    law = folder / "mechanisms/keeper.toml"
    law.write_text(
        law.read_text().replace('"Normal(response * level[t-1], jitter)"', '"response * level[t-1] + jitter"')
    )
    assert codes(folder, "keeper") == {"law-without-density"}


def test_unknown_mechanisms_and_mechanisms_without_parameters_are_problems(write_lake: WriteLake) -> None:
    folder = write_lake()
    assert codes(folder, "kepeer") == {"unknown-mechanism"}
    assert codes(folder, "weather") == {"nothing-to-learn"}


def test_a_posterior_that_cannot_be_trusted_is_refused(write_lake: WriteLake) -> None:
    folder = write_lake()
    law = folder / "mechanisms/keeper.toml"
    text = law.read_text().replace(
        "Normal(response * level[t-1], jitter)", "Normal(abs(response) * level[t-1], jitter)"
    )
    law.write_text(text.replace("Uniform(-1, 2)", "Normal(0, 1)"))
    assert codes(folder, "keeper") == {"posterior-not-trusted"}


def test_nothing_held_out_means_no_scores(write_lake: WriteLake) -> None:
    folder = write_lake()
    header = folder / "world.toml"
    header.write_text(header.read_text().replace("holdout = 30", "holdout = 0"))
    answer = proposal(folder, "keeper")
    assert "[scores]" not in str(answer.changes["posteriors/keeper.toml"])
    assert answer.evidence["mechanisms"]["keeper"]["scores"] is None
