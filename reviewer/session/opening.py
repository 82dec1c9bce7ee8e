"""Starts JupyterLab for one session: on this machine alone, with a token, and without keys.

The kernel inherits its environment from here, so what would let it sign is taken out: the ssh-agent's socket and the
names of key files. The token goes through the environment, because arguments are visible to every user of a machine.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviewer.session.folder import NOTEBOOK, SessionFolder
from worldmodel.errors import EnvironmentProblem, Problem

ADDRESS = "127.0.0.1"
EXTENSIONS = Path(__file__).parent / "static" / "labextension"
PATIENCE = 60.0
WITHHELD = ("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the address of its one notebook."""

    process: "subprocess.Popen[bytes]" = field(repr=False)
    port: int
    token: str = field(repr=False)

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://{ADDRESS}:{self.port}/lab/tree/{NOTEBOOK}?token={self.token}&reset"


def start(folder: SessionFolder, port: int | None = None, options: tuple[str, ...] = ()) -> Lab:
    """Starts JupyterLab and waits until it answers; raises EnvironmentProblem if it does not."""
    chosen = port or free_port()
    lab = Lab(_process(folder, chosen, token := secrets.token_urlsafe(24), options), chosen, token)
    deadline = time.monotonic() + PATIENCE
    while not _answers(lab):
        if lab.process.poll() is not None or time.monotonic() > deadline:
            stop(lab)
            raise _not_started(folder)
        time.sleep(0.1)
    return lab


def until_it_ends(lab: Lab) -> None:
    """Waits until the server ends or the user interrupts."""
    try:
        lab.process.wait()
    except KeyboardInterrupt:
        return


def stop(lab: Lab) -> None:
    """Ends JupyterLab and its kernels."""
    lab.process.terminate()
    try:
        lab.process.wait(20)
    except subprocess.TimeoutExpired:
        lab.process.kill()
        lab.process.wait()


def arguments(folder: SessionFolder, port: int) -> list[str]:
    """The command line; the token is not on it."""
    return [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", f"--ip={ADDRESS}", f"--port={port}"),
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder.root}",
        "--ServerApp.terminals_enabled=False",
        "--LabApp.news_url=",
        "--LabApp.extension_manager=readonly",
        f"--LabApp.app_settings_dir={folder.settings}",
        f"--LabApp.user_settings_dir={folder.user_settings}",
        f"--LabApp.workspaces_dir={folder.workspaces}",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        *(("--allow-root",) if os.geteuid() == 0 else ()),
    ]


def environment(token: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """What the server and its kernels see: nothing that signs, and the token."""
    kept = {name: value for name, value in inherited.items() if name not in WITHHELD}
    return {**kept, "JUPYTER_TOKEN": token, "JUPYTER_NO_CONFIG": "1"}


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        number: int = probe.getsockname()[1]
        return number


def _process(folder: SessionFolder, port: int, token: str, options: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    with (folder.settings.parent / "server.log").open("wb") as log:
        return subprocess.Popen(
            [*arguments(folder, port), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.root,
            env=environment(token, os.environ),
            start_new_session=True,  # Ctrl+C is for the command, which then ends the server
        )


def _answers(lab: Lab) -> bool:
    request = urllib.request.Request(
        f"http://{ADDRESS}:{lab.port}/api/status", headers={"Authorization": f"token {lab.token}"}
    )
    try:
        # No proxy: the address is this machine's own.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _not_started(folder: SessionFolder) -> EnvironmentProblem:
    log = folder.settings.parent / "server.log"
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return EnvironmentProblem(
        Problem(
            code="lab-not-started",
            where=str(log),
            found=last[0] if last else "JupyterLab ended without a word",
            wanted="a JupyterLab that answers on this machine",
            mend="read the log; `python -m jupyterlab --version` tells whether JupyterLab is installed",
        )
    )
