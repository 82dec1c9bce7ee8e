"""Writes the parts of the documentation that are computed: docs/reference/commands.md, from the commands themselves.

`python .ci/generate_docs.py` writes, with `--print` it prints; `tests/project/test_documentation.py` fails when
the file in the tree is not what this writes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from worldmodel.commands.main import main as glassworld

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs/reference/commands.md"
WIDTH = 100

INTRODUCTION = """\
# Commands

Written by `make docs` from the commands themselves; a test holds the two equal.

Every command takes `--json` and then prints one JSON object for machines. Exit codes: 0 is yes or done, 1 is no (a
check fails, a gate refuses, a property does not hold), 2 is bad input or a machine that cannot do it. Problems go to
standard error, each with a code that [errors.md](../errors.md) explains.
"""


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """A command and all commands below it, with their whole names, in order."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from commands(found, f"{name} {child}")


def help_text(command: click.Command, name: str) -> str:
    """What `--help` prints, at a fixed width and without colours."""
    context = click.Context(
        command,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        color=False,
        help_option_names=glassworld.context_settings["help_option_names"],
    )
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def render() -> str:
    """The whole reference page."""
    sections = [
        f"## {name}\n\n```text\n{help_text(command, name)}\n```\n"
        for name, command in commands(glassworld, "glassworld")
    ]
    return "\n".join([INTRODUCTION, *sections])


def main() -> int:
    """Writes the page, or with `--print` prints it."""
    if "--print" in sys.argv[1:]:
        sys.stdout.write(render())
        return 0
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
