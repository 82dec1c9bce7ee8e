"""`glassworld lab` as somebody types it: a server with a notebook that runs, no agent below it, and a clean end."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from reviewer.commands.lab import lab_command

pytestmark = pytest.mark.timeout(600)
TYPED = "from reviewer.commands.lab import lab_command; lab_command()"


def children(process: int) -> list[int]:
    """All processes below one, by the kernel's own account."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    found = [int(word) for file in listed for word in file.read_text().split()]
    return [*found, *(one for child in found for one in children(child))]


def test_the_command_opens_a_session_and_ends_it(room: Any, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere/agent.sock")
    options = ["--as", "bob", "--no-browser", "--json", "--world", str(room.folder)]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", TYPED, *options], stdout=subprocess.PIPE, env=os.environ, text=True
    ) as command:
        assert command.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            line = command.stdout.readline()
            assert line, "it ended without a word"
            said += line
        value = json.loads(said)
        page = chromium.new_page()
        page.goto(value["url"], timeout=90_000)
        page.locator(".gw-review[data-link=acting]").wait_for(timeout=90_000)
        below = children(command.pid)
        kernels = [one for one in below if b"ipykernel" in Path(f"/proc/{one}/cmdline").read_bytes()]
        assert kernels
        for one in below:
            assert b"SSH_AUTH_SOCK" not in Path(f"/proc/{one}/environ").read_bytes()
            assert value["url"].partition("token=")[2][:20].encode() not in Path(f"/proc/{one}/cmdline").read_bytes()
        page.close()
        command.send_signal(signal.SIGINT)
        assert command.wait(60) == 0
    assert [one for one in kernels if Path(f"/proc/{one}").exists()] == []


def test_who_is_not_on_the_roster_gets_no_server(room: Any) -> None:
    done = CliRunner().invoke(lab_command, ["--as", "mallory", "--world", str(room.folder), "--json"])
    assert done.exit_code == 2
    assert json.loads(done.output)["problems"][0]["code"] == "viewer-unknown"
