"""How long `glassworld check` takes from nothing, beside an empty Python program and the bare import of torch.

Each program is run several times in turn, so that a busy machine slows all of them; the smallest CPU time counts. All
of them find their modules compiled, as installed programs do; they are compiled in a first round that does not count.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.worldmodel.large_world import large_world
from worldmodel.templates.catalog import template_files

ROUNDS = 5
RESULTS = Path(__file__).parent / "results" / "startup.json"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            "python -c pass": ["-c", "pass"],
            "import pydantic": ["-c", "import pydantic; pydantic.BaseModel"],
            "import torch": ["-c", "import torch"],
            "check us-macro, 29 files": _check(Path(folder) / "macro", template_files("us-macro")),
            "check 1,000 mechanisms, 2,001 files": _check(Path(folder) / "large", large_world(1_000)),
        }
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"), "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        rounds = [{name: _seconds(words, environment) for name, words in programs.items()} for _ in range(1 + ROUNDS)]
        found = {name: min(one[name] for one in rounds[1:]) for name in programs}
    for name, seconds in found.items():
        print(f"{name:40} {seconds:7.3f} CPU seconds, {seconds / found['import torch']:.3f} of importing torch")
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _check(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return ["-m", "worldmodel", "check", "--world", str(folder)]


def _seconds(words: list[str], environment: Mapping[str, str]) -> float:
    """CPU seconds of one run, waited for by itself, since those of all children add up."""
    child = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{words} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
