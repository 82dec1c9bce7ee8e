"""Writes the results of a run all at once or not at all.

A folder beside the target, every file synced, then one rename.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from worldmodel.errors import EnvironmentProblem, InputError, Problem

_SPARE_BYTES = 1 << 20


def require_free(out: Path, expected_bytes: int) -> None:
    """Raises before the work begins where its results could not be written.

    The folder is in use, or the disk is full.
    """
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise InputError(
            Problem(
                code="output-exists",
                where=str(out),
                found="a file, or a folder with files in it",
                wanted="a folder that does not exist yet or is empty",
                mend="name another folder with --out, or move this one away; nothing in it was touched",
            )
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(out.parent).free
    except OSError as error:
        raise _not_written(out, str(error)) from error
    if free < expected_bytes + _SPARE_BYTES:
        raise _not_written(out, f"{free} bytes free, before any were written")


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Makes `out` with these files; raises EnvironmentProblem and leaves nothing where the machine does not let it."""
    partial = out.parent / f".{out.name}.{secrets.token_hex(8)}.partial"
    try:
        partial.mkdir(mode=0o755)
        for name, data in sorted(files.items()):
            _write(partial / name, data)
        _sync(partial)
        partial.rename(out)
        _sync(out.parent)
    except OSError as error:
        raise _not_written(out, f"{error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_written(out: Path, found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="output-not-written",
            where=str(out),
            found=found,
            wanted="room and permission to write the results",
            mend="free some space or name another folder with --out, and run it again; nothing half-written was left",
        )
    )
