"""`glassworld init`: makes a world: a git repository with its first roster and rules.

A template's files, or those made from your data, lie in the working tree; propose them with `glassworld mr open`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, printable, reports


def _list_templates(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from worldmodel.templates import template_lines

        for name, line in template_lines().items():
            click.echo(f"{name:14}{line}")
        context.exit()


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--template", help="Begin with the files of this template, such as us-macro.")
@click.option(
    "--templates",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_templates,
    help="List the templates, a line each, and stop.",
)
@click.option(
    "--data", "data", type=click.Path(path_type=Path), help="Begin with a world made for this CSV or Parquet file."
)
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="NAME=UNIT",
    help="The unit of a column of --data, such as gdp=dollar/year.",
)
@click.option("--roster", "roster", type=click.Path(path_type=Path), help="The first roster (governance/roster.toml).")
@click.option("--rules", "rules", type=click.Path(path_type=Path), help="The first rules (governance/rules.toml).")
@click.option("--key", "key", type=click.Path(path_type=Path), help="Your public key, for a roster of one.")
@click.option("--name", help="Your name, for a roster of one.")
@json_option
@reports
def init_command(
    directory: Path,
    template: str | None,
    data: Path | None,
    units: tuple[str, ...],
    roster: Path | None,
    rules: Path | None,
    key: Path | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Make a new world in DIRECTORY.

    With --data, each column of numbers becomes a variable, and the time column is recognised. Units are asked for in a
    terminal, or come from --unit; one that stays unknown is marked in the variable's file as to be filled in.

    Without --roster, the roster has one person: you, with --key or ~/.ssh/id_ed25519.pub, and --name or git's
    user.name.
    """
    from reviewer.genesis import create_repository, first_rules
    from reviewer.people import DEFAULT_PUBLIC_KEY, git_user_name, read_public_key, roster_of_one

    files = _starting_files(template, data, units, ask=_interactive() and not as_json)
    people = (
        _read(roster) if roster else roster_of_one(name or git_user_name(), read_public_key(key or DEFAULT_PUBLIC_KEY))
    )
    standing = create_repository(directory, people, _read(rules) if rules else first_rules(), files)
    if template:
        from worldmodel.templates import write_data

        write_data(template, directory)
    if data:
        _keep_data(data, directory)
    labels = [standing.roster.label(identity) for identity in sorted(standing.roster.members)]
    emit(
        as_json,
        {
            "ok": True,
            "directory": str(directory),
            "fingerprint": standing.fingerprint,
            "roster": labels,
            "files": sorted(files),
        },
        _text(directory, standing.fingerprint, labels, len(standing.roster.people()), bool(files)),
    )


def _starting_files(template: str | None, data: Path | None, units: tuple[str, ...], ask: bool) -> dict[str, bytes]:
    if template and data:
        raise click.UsageError("choose --template or --data, not both")
    if units and not data:
        raise click.UsageError("--unit says what a column of --data is measured in; give --data too")
    if template:
        from worldmodel.templates import template_files

        return dict(template_files(template))
    if data:
        from worldmodel.data.starting_world import starting_columns, starting_world

        known = dict(map(_unit, units))
        asked = _ask_units(starting_columns(data), known) if ask else {}
        return dict(starting_world(data, {**asked, **known}))
    return {}


def _interactive() -> bool:
    """Whether a person sits at the terminal and can be asked."""
    return sys.stdin.isatty()


def _unit(text: str) -> tuple[str, str]:
    name, equals, unit = text.partition("=")
    if not equals or not name.strip() or not unit.strip():
        raise click.BadParameter(f"“{text}” is not NAME=UNIT", param_hint="--unit")
    return name.strip(), unit.strip()


def _ask_units(columns: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Asks for each unit that was not given; an empty answer leaves it to be filled in later."""
    asked = {}
    for name, title in columns.items():
        if name not in known:
            unit = click.prompt(f"Unit of {printable(title)} (empty: not known)", default="", show_default=False)
            if unit.strip():
                asked[name] = unit.strip()
    return asked


def _keep_data(data: Path, directory: Path) -> None:
    from reviewer.durable import write_durably

    write_durably(directory / "data" / data.name, data.read_bytes())


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _text(directory: Path, fingerprint: str, labels: list[str], people: int, proposed: bool) -> str:
    lines = [
        f"Made the world {directory}.",
        f"Roster: {', '.join(labels)}.",
        f"Fingerprint of the first roster and rules (keep it: bundles verify against it): {fingerprint}",
    ]
    if people < 4:
        lines.append(
            f"A change needs approvals by 3 people other than its author; this roster has {people}. "
            "Add people to governance/roster.toml (raise its `version` by one) and propose that first with "
            "`glassworld mr open`; "
            "until there are more, everyone else on the roster must approve it."
        )
    if proposed:
        lines.append(
            f"Next: cd {directory}, look with `glassworld check`, and propose its files with `glassworld mr open`."
        )
    return "\n".join(lines)
