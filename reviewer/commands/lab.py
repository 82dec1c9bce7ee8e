"""`glassworld lab`: opens the review session in JupyterLab, on this machine alone.

Votes and remarks become drafts; `glassworld sign` signs them in a terminal, since code in a notebook could press any
button. The server and its kernel get no key and no agent.
"""

import webbrowser
from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command("lab")
@click.option("--as", "viewer", help="Your identity on the roster; by default, whose public key it is.")
@click.option(
    "--public-key",
    "public_key",
    type=click.Path(path_type=Path),
    default=Path("~/.ssh/id_ed25519.pub"),
    show_default=True,
    help="The public half of your key, by which the roster knows you.",
)
@click.option("--port", type=click.IntRange(1024, 65535), help="The port to listen on; by default, a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
@world_option
@json_option
@reports
def lab_command(
    viewer: str | None, public_key: Path, port: int | None, no_browser: bool, world: Path, as_json: bool
) -> None:
    """Open the review session in JupyterLab; end it with Ctrl+C."""
    from reviewer.session.folder import prepare
    from reviewer.session.opening import start, stop, until_it_ends
    from reviewer.session.viewer import find_viewer

    identity = find_viewer(world, viewer, public_key)
    folder = prepare(world, identity)
    lab = start(folder, port)
    try:
        text = f"Reviewing as {identity}. Open this address if no browser did:\n{lab.url}\nCtrl+C ends the session."
        emit(as_json, {"ok": True, "viewer": identity, "url": lab.url, "folder": str(folder.root)}, text)
        if not no_browser:
            webbrowser.open(lab.url)
        until_it_ends(lab)
    finally:
        stop(lab)
