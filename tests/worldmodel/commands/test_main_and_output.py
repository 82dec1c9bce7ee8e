"""The voice of every command: exit codes 0, 1 and 2, JSON, escapes, and help that loads nothing heavy."""

import errno
import json
import subprocess
import sys
from importlib.metadata import entry_points

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.commands.main import main, summary
from worldmodel.commands.output import answer, emit, json_option, print_problems, printable, reports
from worldmodel.commands.registered import GROUP
from worldmodel.errors import InputError, Problem, RefusedError

PROBLEM = Problem(code="some-code", where="a file\x1b[2J", found="nothing")
FAILURES = {
    "input": InputError(PROBLEM),
    "refused": RefusedError([PROBLEM, PROBLEM]),
    "full": OSError(errno.ENOSPC, "No space left on device", "world.toml"),
    "denied": PermissionError(errno.EACCES, "Permission denied", "world.toml"),
    "fault": ZeroDivisionError("a fault of ours"),
}


@click.command()
@click.argument("outcome")
@json_option
@reports
def speak(outcome: str, as_json: bool) -> None:
    """Ends in one of all possible ways."""
    if outcome in FAILURES:
        raise FAILURES[outcome]
    if outcome in {"yes", "no"}:
        answer(as_json, outcome == "yes", {"outcome": outcome}, outcome)
    else:
        emit(as_json, {"outcome": outcome}, outcome)


def run(*words: str) -> Result:
    return CliRunner().invoke(speak, list(words))


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("said", 0), ("yes", 0), ("no", 1), ("refused", 1), ("input", 2), ("full", 2), ("denied", 2), ("fault", 2)],
)
def test_exit_codes_answer(outcome: str, code: int) -> None:
    assert run(outcome).exit_code == run(outcome, "--json").exit_code == code


@pytest.mark.parametrize(
    ("outcome", "codes"),
    [("refused", ["some-code"] * 2), ("full", ["disk-full"]), ("denied", ["machine-refused"])],
)
def test_problems_come_as_json_for_machines_and_on_standard_error_for_people(outcome: str, codes: list[str]) -> None:
    value = json.loads(run(outcome, "--json").stdout)
    assert (value["ok"], [problem["code"] for problem in value["problems"]]) == (False, codes)
    told = run(outcome)
    assert told.stdout == ""
    assert told.stderr.count(codes[0]) == len(codes)
    assert "\x1b" not in told.stderr


@given(st.text())
def test_what_is_printed_cannot_move_the_cursor_or_reorder_the_text(text: str) -> None:
    shown = printable(text)
    assert all(character.isprintable() or character in "\n\t" or character.isspace() for character in shown)
    assert not set(shown) & set("\x1b\r\x07\u202e\u2066\u200b\ufeff\u2028")
    assert printable(shown) == shown


def test_help_lists_every_command_with_its_line_and_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom click.testing import CliRunner\nfrom worldmodel.commands.main import main\n"
        "result = CliRunner().invoke(main, ['--help'])\nprint(result.output)\n"
        "print('heavy:', sorted({'torch', 'pydantic', 'pygit2', 'pandas', 'pint'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "heavy: []" in done.stdout
    for entry in entry_points(group=GROUP):
        assert entry.name in done.stdout
        line = summary(entry.module)
        assert line, entry.module
        assert not line.startswith("`glassworld"), f"{entry.module} does not say what the command does"


def test_a_problem_of_several_lines_is_marked_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(InputError(Problem(code="x", where="y", found="one\nThe bundle is good.")), as_json=False)
    assert capsys.readouterr().err == "x: y: one\n  | The bundle is good.\n"


WRONG_WORDS = {
    "no such command": ("bogus",),
    "no such option": ("check", "--bogus"),
    "no such folder": ("check", "--world", "/there/is/none"),
    "an option before the command": ("--bogus", "check"),
    "a word too few, of a group": ("mr", "show"),
    "a word too many": ("check", "word"),
}


@pytest.mark.parametrize("words", WRONG_WORDS.values(), ids=WRONG_WORDS.keys())
def test_wrong_words_are_told_to_machines_as_json_and_to_people_as_text(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*words, "--json"])
    value = json.loads(told.stdout)
    assert (told.exit_code, value["ok"]) == (2, False)
    assert [problem["code"] for problem in value["problems"]] == ["bad-usage"]
    assert told.stderr == ""
    people = CliRunner().invoke(main, list(words))
    assert (people.exit_code, people.stdout) == (2, "")
    assert "Usage: " in people.stderr
