"""The folder of a reviewer's session: the notebook that is made anew each time, and the settings of its JupyterLab.

It lies in `.glassworld/session/VIEWER` of the world, which git ignores. The user's own settings of JupyterLab are
neither read nor changed; news and searches for updates are off, since no request may leave the machine.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewer.durable import write_durably

NOTEBOOK = "review.ipynb"
NOTIFICATIONS = "@jupyterlab/apputils-extension:notification"
DISABLED = {
    "@jupyterlab/apputils-extension:announcements": True,
    "@jupyterlab/extensionmanager-extension": True,
}
OVERRIDES: dict[str, Any] = {
    NOTIFICATIONS: {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/statusbar-extension:plugin": {"visible": False},
}


@dataclass(frozen=True)
class SessionFolder:
    """Where a session's files lie: the root that JupyterLab serves, and its settings beside it."""

    root: Path
    settings: Path
    user_settings: Path
    workspaces: Path


def prepare(world: Path, viewer: str) -> SessionFolder:
    """Writes the notebook and the settings of a session; whatever was there before is replaced."""
    place = world.absolute() / ".glassworld" / "session" / viewer
    folder = SessionFolder(place / "notebook", place / "settings", place / "user-settings", place / "workspaces")
    for path in (folder.root, folder.settings, folder.user_settings, folder.workspaces):
        path.mkdir(parents=True, exist_ok=True)
    _write(folder.root / NOTEBOOK, notebook(world.absolute(), viewer))
    _write(folder.settings / "overrides.json", OVERRIDES)
    _write(folder.settings / "page_config.json", {"disabledExtensions": DISABLED})
    return folder


def notebook(world: Path, viewer: str) -> dict[str, Any]:
    """The notebook of a session: one cell that shows the application."""
    code = [
        "from reviewer.session.widget import review\n",
        "\n",
        f"review({json.dumps(str(world))}, {json.dumps(viewer)})",
    ]
    cell = {
        "cell_type": "code",
        "id": "review",
        "metadata": {"jupyter": {"source_hidden": True}, "editable": False, "deletable": False},
        "execution_count": None,
        "outputs": [],
        "source": code,
    }
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "cells": [cell],
        "metadata": {"kernelspec": kernel, "glassworld": {"session": True}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _write(path: Path, value: Any) -> None:
    write_durably(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
