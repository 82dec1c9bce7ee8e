"""How every command speaks: text for people, JSON for machines, exit codes 0 (yes), 1 (no), 2 (bad input or machine).

Text that comes from proposals, files or keys is untrusted: `printable` shows control, invisible and bidirectional
characters as escapes, so that nothing that a stranger wrote can move the cursor or reorder what a person reads.
"""

import errno
import functools
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from worldmodel.errors import EnvironmentProblem, GlassworldError, Problem
from worldmodel.visible import shown

P = ParamSpec("P")
R = TypeVar("R")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines instead of text.")
world_option = click.option(
    "--world",
    "world",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default=True,
    help="The world's folder.",
)


def printable(text: str) -> str:
    """The text with every character that could deceive a reader shown as an escape; line ends and tabs stay."""
    return shown(text)


def one_line(text: str) -> str:
    """The text as `printable`, with line ends escaped too, so that it cannot pose as the line after it."""
    return printable(text).replace("\n", "\\n").replace("\t", " ")


def quoted(text: str) -> str:
    """Several lines of a stranger's text, every one marked, so that none can pose as ours."""
    return "\n".join(f"  | {line}" for line in printable(text).split("\n"))


def emit(as_json: bool, value: Mapping[str, Any], text: str) -> None:
    """Prints one result: `value` as JSON for machines, or `text` for people."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True) if as_json else printable(text))


def answer(as_json: bool, ok: bool, value: Mapping[str, Any], text: str) -> None:
    """Prints one result that is a yes or a no, and ends with exit code 0 or 1."""
    emit(as_json, {"ok": ok, **value}, text)
    if not ok:
        sys.exit(1)


def reports(command: Callable[P, R]) -> Callable[P, R]:
    """Makes a click callback print its problems and end with their exit code instead of a traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except GlassworldError as error:
            failure = error
        except OSError as error:
            failure = machine_problem(error)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception:  # noqa: BLE001 - this is the last line before a person
            # Exit code 1 means "the answer is no"; a fault of ours must never read as an answer.
            traceback.print_exc()
            sys.exit(2)
        print_problems(failure, bool(kwargs.get("as_json", False)))
        sys.exit(failure.exit_code)

    return wrapped


def print_problems(error: GlassworldError, as_json: bool) -> None:
    """Prints all problems of an error: as JSON on standard output, or one line each on standard error."""
    if as_json:
        click.echo(json.dumps({"ok": False, "problems": [problem.to_json() for problem in error.problems]}, indent=2))
        return
    for problem in error.problems:
        click.echo(printable(str(problem)).replace("\n", "\n  | "), err=True)


def machine_problem(error: OSError) -> GlassworldError:
    """Translates what the operating system refused into a problem that says what to do."""
    where = str(error.filename or "this machine")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EnvironmentProblem(disk_full(where))
    return EnvironmentProblem(
        Problem(
            code="machine-refused",
            where=where,
            found=error.strerror or str(error),
            wanted="a file or folder that can be read and written",
            mend="check that it exists, and who may read and write it",
        )
    )


def disk_full(where: str) -> Problem:
    """The problem of a full disk: nothing acknowledged is lost, and the same command works once there is room."""
    return Problem(
        code="disk-full",
        where=where,
        found="no space left on the device",
        wanted="room for the new objects",
        mend="free some space and run the same command again; nothing that was acknowledged is lost",
    )
