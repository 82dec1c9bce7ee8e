"""The data of the template `rossi`: 432 men of the Maryland experiment, from the file that lifelines ships (MIT).

The file stands beside the template with its licence: `week` of the first arrest after release (52 where there was none
within the year), `arrest`, `fin` (aid), age, and more. Facts of record of Rossi, Berk and Lenihan (1980).
"""

import csv
from importlib.resources import files

COLUMNS = {"aid": "fin", "age": "age", "convictions": "prio", "arrested": "arrest"}


def men() -> list[dict[str, int]]:
    """Every column of the shipped file, one mapping a man, in its order."""
    text = (files("worldmodel.templates") / "rossi" / "rossi.csv").read_text(encoding="ascii")
    return [{name: int(cell) for name, cell in row.items()} for row in csv.DictReader(text.splitlines())]


def data_csv() -> bytes:
    """The data file: one row a man. The order is the file's and says nothing: releases are not dated."""
    lines = [",".join(("release", *COLUMNS))]
    lines += [
        ",".join(map(str, (place, *(man[name] for name in COLUMNS.values()))))
        for place, man in enumerate(men(), start=1)
    ]
    return ("\n".join(lines) + "\n").encode("ascii")
