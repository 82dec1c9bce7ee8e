"""The demonstration's folder: made anew each time, and never at the cost of anything that it did not make itself."""

import shutil
from pathlib import Path

from worldmodel.errors import InputError, Problem

MARK = ".glassworld-demo"


def fresh_folder(out: Path) -> Path:
    """An empty, marked folder in the place of an earlier demonstration's; raises InputError where something else is."""
    folder = out.absolute()
    if folder.is_symlink() or (folder.exists() and not _replaceable(folder)):
        raise InputError(
            Problem(
                code="demo-folder-in-use",
                where=str(out),
                found="something that no demonstration made",
                wanted="a new or empty folder, or that of an earlier demonstration",
                mend="name another folder with --out",
            )
        )
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("under way\n", encoding="utf-8")
    return folder


def finished(folder: Path) -> None:
    """Marks a demonstration that went to its end."""
    (folder / MARK).write_text("finished\n", encoding="utf-8")


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))
