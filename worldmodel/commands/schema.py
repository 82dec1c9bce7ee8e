"""`glassworld schema`: writes JSON Schemas of the component files, so that editors complete and check them."""

from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports


@click.command("schema")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the files into this folder.")
@json_option
@reports
def schema_command(out: Path | None, as_json: bool) -> None:
    """Print the JSON Schemas of all kinds of component files, or write one file for each kind with --out.

    Draft 2020-12. With --out there is a .taplo.toml too, by which Even Better TOML and taplo find a file's schema.
    """
    import json

    from worldmodel.exchange.schema import schema_files, schemas
    from worldmodel.exchange.writing import write_whole

    if out is None:
        emit(as_json, {"ok": True, "schemas": schemas()}, json.dumps(schemas(), indent=2, sort_keys=True))
        return
    files = schema_files()
    for name, content in files.items():
        write_whole(out / name, content)
    emit(
        as_json,
        {"ok": True, "files": sorted(files)},
        f"Wrote {len(files)} files into {out}: {', '.join(sorted(files))}",
    )
