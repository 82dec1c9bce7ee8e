"""The registered commands, read from the `entry_points.txt` of what is installed and from nothing else.

The standard library's own reader costs a fifth of what a whole check takes: it loads the parsers of e-mail and of zip
files, and opens the metadata of every distribution. Here only the names of the folders on the path are listed, and the
one small file in each is read. What is installed in another form (a zip file, a finder of its own) this does not see;
`worldmodel.commands.main` then asks the standard library.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

GROUP = "worldmodel.commands"
_METADATA = (".dist-info", ".egg-info")


def commands_on(path: tuple[str, ...] | None = None) -> Mapping[str, str]:
    """Each command's name and where its function is, as `module:attribute`; of two with one name the first counts.

    `path` is where to look, and `sys.path` where it is not given. Of a distribution that is there twice the first
    counts, as for imports.
    """
    found: dict[str, str] = {}
    for text in _texts(tuple(sys.path) if path is None else path):
        for name, value in entries_of(text, GROUP):
            found.setdefault(name, value)
    return found


def _texts(path: tuple[str, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for folder in path:
        try:
            with os.scandir(folder or ".") as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(_METADATA))
        except OSError:
            continue
        for name in names:
            distribution = name.partition("-")[0].lower()
            if distribution not in seen:
                seen.add(distribution)
                yield _text(Path(folder) / name / "entry_points.txt")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def entries_of(text: str, group: str) -> Iterator[tuple[str, str]]:
    """The entries of one group in the text of an `entry_points.txt`: names, and values without extras.

    >>> list(entries_of("[a]\\nx = m:f\\n[b]\\ny = n.o:g [extra]\\n# no = entry\\n", "b"))
    [('y', 'n.o:g')]
    """
    section = ""
    for line in map(str.strip, text.splitlines() if group in text else ()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == group and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].strip()
