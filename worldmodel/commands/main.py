"""The command `glassworld`: a group whose sub-commands each package registers by entry point (`worldmodel.commands`).

A sub-command's module is imported only when that sub-command runs. The listing of `--help` reads the first line of each
module's docstring from its source without running it, so that asking for help never loads torch.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from worldmodel.commands.output import print_problems
from worldmodel.commands.plugins import without_plugins
from worldmodel.commands.registered import GROUP, commands_on
from worldmodel.errors import InputError, Problem

_WORDS = "worldmodel.commands.main.words"

without_plugins()


class LazyGroup(click.Group):
    """A click group that finds its commands among the installed entry points, and speaks JSON of its own errors."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all registered commands, sorted."""
        return sorted(registered())

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Loads one command by its name."""
        place = commands_on().get(name) or registered().get(name)
        command = _loaded(place) if place is not None else None
        return command if isinstance(command, click.Command) else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands with the first lines of their modules' docstrings."""
        rows = [(name, summary(place.partition(":")[0])) for name, place in sorted(registered().items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Reads the words before the sub-command; keeps all of them for what is said of the others."""
        context.meta[_WORDS] = tuple(args)
        with _usage_for_machines(context):
            return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Reads the words of the sub-command, and runs it."""
        with _usage_for_machines(context):
            return super().invoke(context)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glassworld")
def main() -> None:
    """Glassworld: interpretable world models that people review, and policies that learn from nothing else.

    Every command takes --json, and ends with 0 for yes, 1 for no, 2 for bad input.
    """


@contextmanager
def _usage_for_machines(context: click.Context) -> Iterator[None]:
    """Where the words ask for JSON, what click refuses comes as JSON too, and ends with 2."""
    try:
        yield
    except click.ClickException as error:
        words: tuple[str, ...] = context.meta[_WORDS]
        if "--json" not in words:
            raise
        own = getattr(error, "ctx", None) or context
        print_problems(InputError(usage_problem(own.command_path, error.format_message())), as_json=True)
        context.exit(2)


def usage_problem(command: str, found: str) -> Problem:
    """The problem of words that a command does not take."""
    return Problem(
        code="bad-usage",
        where=command,
        found=found.rstrip("."),
        wanted="the words and options that the command takes",
        mend=f"see `{command} --help`",
    )


def summary(module: str) -> str:
    """The first line of a module's docstring, read without importing the module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    import ast

    docstring = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
    line = docstring.partition("\n")[0]
    return line.split(": ", 1)[1] if line.startswith("`glassworld") and ": " in line else line


def registered() -> Mapping[str, str]:
    """Every registered command, in whatever form it is installed, and where its function is (`module:attribute`)."""
    from importlib.metadata import entry_points

    return {entry.name: entry.value.partition("[")[0].strip() for entry in entry_points(group=GROUP)}


def _loaded(place: str) -> object:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
