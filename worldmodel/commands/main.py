"""The command `glassworld`: a group whose sub-commands each package registers by entry point (`worldmodel.commands`).

A sub-command's module is imported only when that sub-command runs. The listing of `--help` reads the first line of each
module's docstring from its source without running it, so that asking for help never loads torch.
"""

import importlib.util
import os
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click

GROUP = "worldmodel.commands"

# Pydantic would look through all installed packages for plugins, which see and may change every value that is read.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


class LazyGroup(click.Group):
    """A click group that finds its commands among the installed entry points."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all registered commands, sorted."""
        return sorted(_registered())

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Loads one command by its name."""
        entry = _registered().get(name)
        command = entry.load() if entry is not None else None
        return command if isinstance(command, click.Command) else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands with the first lines of their modules' docstrings."""
        rows = [(name, summary(entry.module)) for name, entry in sorted(_registered().items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glassworld")
def main() -> None:
    """Glassworld: interpretable world models that people review, and policies that learn from nothing else.

    Every command takes --json, and ends with 0 for yes, 1 for no, 2 for bad input.
    """


def summary(module: str) -> str:
    """The first line of a module's docstring, read without importing the module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return ""
    import ast

    docstring = ast.get_docstring(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))) or ""
    line = docstring.partition("\n")[0]
    return line.split(": ", 1)[1] if line.startswith("`glassworld") and ": " in line else line


def _registered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
