"""The negative signature vectors as files; `python .ci/write_vectors.py` writes them.

Every key comes from a name and every time is fixed, so the files come out the same each time; a test holds them to it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vectors import envelopes, governance, logs, spoken

FOLDER = Path(__file__).parents[2] / "tests" / "golden" / "signatures" / "negative"


def vectors() -> Iterator[dict[str, Any]]:
    """All vectors."""
    yield from envelopes.vectors()
    yield from logs.vectors()
    yield from governance.vectors()
    yield from spoken.vectors()


def render(vector: dict[str, Any]) -> str:
    """The bytes of a vector's file."""
    return json.dumps(vector, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
