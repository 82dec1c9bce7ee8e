import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewer.commands.measure import measure_command
from reviewer.log import quarantined_numbers
from reviewer.measuring.planting import plant
from reviewer.measuring.quarantine import debrief, judged, load_quarantined, quarantine
from worldmodel.errors import InputError, RefusedError


def _planted(team: Any, number: int = 7) -> Any:
    return quarantine(team.repository, plant(team.files, 1, "prior tightened"), number)


def test_it_can_never_be_merged(team: Any) -> None:
    team.adopt()
    found = _planted(team)
    with pytest.raises(InputError, match="no-request"):
        team.merge(found.number)
    git = team.repository.git
    tip = git.references[f"refs/glassworld/quarantine/{found.number}"].target
    git.references.create(f"refs/glassworld/mr/{found.number}/log", tip)
    with pytest.raises((InputError, RefusedError)):
        team.merge(found.number)


def test_verdicts_stand_and_the_debrief_says_what_was_wrong(team: Any) -> None:
    team.adopt()
    found = _planted(team)
    missed = judged(team.repository, found.number, "bob", "missed", 30)
    assert "did not see it" in debrief(missed, "bob")
    assert "ten times tighter" in debrief(missed, "bob")
    again = judged(team.repository, found.number, "bob", "caught", 1)
    assert again.verdicts["bob"].verdict == "missed"
    assert judged(team.repository, found.number, "cy", "caught", 5).verdicts.keys() == {"bob", "cy"}
    assert load_quarantined(team.repository, found.number).changes.keys() == {"mechanisms/leak.toml"}


@pytest.mark.parametrize("person", ["../x", "Bob", "", "a" * 70])
def test_a_person_is_a_name(team: Any, person: str) -> None:
    team.adopt()
    found = _planted(team)
    with pytest.raises(InputError):
        judged(team.repository, found.number, person, "caught", 1)


def test_a_number_serves_once(team: Any) -> None:
    team.adopt()
    _planted(team, 7)
    with pytest.raises(RefusedError, match="number-taken"):
        _planted(team, 7)
    with pytest.raises(RefusedError, match="number-taken"):
        _planted(team, 1)
    assert quarantined_numbers(team.repository) == [7]
    assert team.open({"mechanisms/leak.toml": team.files["mechanisms/leak.toml"].replace(b"0.9", b"0.8")}) == 8


def _run(team: Any, *words: str) -> Result:
    return CliRunner().invoke(measure_command, [*words, "--world", str(team.folder)], catch_exceptions=False)


def test_the_commands(team: Any, tmp_path: Path) -> None:
    team.adopt()
    first = json.loads(_run(team, "plant", "--seed", "3", "--mistake", "unit swapped", "--json").output)
    assert first["number"] == 2
    assert "was planted" not in _run(team, "show", "2").output
    told = _run(team, "answer", "2", "--as", "bob", "--object").output
    assert "You saw it." in told
    team_value = json.loads(_run(team, "team", "--json").output)
    assert (team_value["misses"]["misses"], team_value["misses"]["shown"]) == (0, 1)
    mine = _run(team, "mine", "--key", str(team.key_file("bob", tmp_path)))
    assert "You voted on 1 requests" in mine.output
    assert _run(team, "answer", "9", "--as", "bob", "--object").exit_code == 2
