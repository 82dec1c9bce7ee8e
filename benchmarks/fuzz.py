"""Coverage-guided fuzzing of everything that reads a stranger's text, with Atheris (libFuzzer).

    python -m benchmarks.fuzz law --runs 200000      fuzzes one target; what it finds is kept below `build/fuzzing/`
    python -m benchmarks.fuzz law --keep             writes what was found to the corpus of the tests

A target that raises anything but InputError stops the run with the input that did it. Atheris is not among the
dependencies; install it by `pip install atheris==3.0.0`.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["worldmodel", "tomllib"]):
    from tests.worldmodel.fuzz_targets import CORPUS, SEEDS, TARGETS
    from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS, RESERVED

ROOT = Path(__file__).resolve().parents[1]
WORKING = ROOT / "build" / "fuzzing"
ROOM = 120_000
"""Bytes of inputs that are kept for one target."""
LONGEST = {"law": 300, "expression": 300, "formula": 300, "unit": 90, "intervention": 80, "toml": 600, "world": 1500}
EXTRA = (
    *(
        "t-1",
        "[t]",
        "[t-1]",
        "[0]",
        " over ",
        "infected",
        "weather",
        "region",
        "north",
        "dry",
        "beta",
        "1e308",
        "1e-308",
    ),
    *("<=", ">=", "==", "!=", "**", "percent", "year", "km", "1/", '"""', "'''", "[[", "]]", "format = 1\n", 'id = "'),
    *(
        "[parameters.a]\n",
        "[let.a]\n",
        "[tables.a]\n",
        "[constants.a]\n",
        "[support]\n",
        "[indices]\n",
        "law = ",
        "by = ",
    ),
    *('prior = "', 'why = "', 'value = "', "rows = [", 'over = ["region"]\n', "@1..8", "=4"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write what was found to the tests")
    chosen = parser.parse_args()
    found = WORKING / chosen.target
    if chosen.keep:
        _keep(chosen.target)
    else:
        _unpack(chosen.target, found)
        _fuzz(chosen.target, f"-runs={chosen.runs}", f"-seed={chosen.seed}", str(found))


def _fuzz(target: str, *options: str) -> None:
    """Does not return: libFuzzer ends the process."""
    with tempfile.NamedTemporaryFile("w", suffix=".dict", delete=False) as dictionary:
        dictionary.write(_dictionary())
    limits = [f"-max_len={LONGEST[target]}", "-len_control=0", "-timeout=30", "-rss_limit_mb=3000"]
    outputs = [f"-artifact_prefix={WORKING}/", "-print_final_stats=1"]
    words = [sys.argv[0], *limits, f"-dict={dictionary.name}", *outputs, *options]
    atheris.Setup(words, TARGETS[target])
    atheris.Fuzz()


def _unpack(target: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    packed = CORPUS / f"{target}.json"
    texts = json.loads(packed.read_text(encoding="utf-8")) if packed.exists() else []
    for data in (*(text.encode("latin-1") for text in texts), *(text.encode() for text in SEEDS[target])):
        (folder / hashlib.sha256(data).hexdigest()[:40]).write_bytes(data)


def _keep(target: str) -> None:
    """One JSON list of inputs, each byte a character of its own, smallest inputs first as far as there is room.

    libFuzzer has made each of them as small as it could without losing what the input reaches.
    """
    found = (path.read_bytes() for path in (WORKING / target).iterdir())
    inputs = sorted(found, key=lambda data: (len(data), data))
    kept, size = [], 0
    for data in inputs:
        size += len(data)
        if size <= ROOM:
            kept.append(data.decode("latin-1"))
    CORPUS.mkdir(parents=True, exist_ok=True)
    (CORPUS / f"{target}.json").write_text(json.dumps(kept, indent=0) + "\n", encoding="utf-8")
    print(f"{target}: kept {len(kept)} of {len(inputs)} inputs")


def _dictionary() -> str:
    """The words of the language, in libFuzzer's form."""
    words = {*FUNCTIONS, *LAWS, *RESERVED, *AGGREGATES, *EXTRA}
    return "".join(f'"{_escaped(word)}"\n' for word in sorted(words))


def _escaped(word: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\x{ord(letter):02x}" for letter in word)


if __name__ == "__main__":
    main()
