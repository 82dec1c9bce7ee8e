"""What each hostile file costs: run as a program it prints, one JSON line a case, CPU seconds, memory and problems.

Each case runs in a process of its own, forked from one that has checked the harmless world; what it uses beyond a
process that checks the harmless world again is the file's doing.
"""

import json
import os
import resource
from collections.abc import Iterator, Mapping
from typing import Any

from tests.worldmodel.conftest import TANK
from tests.worldmodel.hostile_files import Files, cases
from worldmodel.build import check_files
from worldmodel.errors import InputError

MEMORY = 1 << 30


def costs() -> Iterator[Mapping[str, Any]]:
    """CPU seconds, additional megabytes, how many problems and how long their text is, for every case."""
    check_files(_bytes({}))
    harmless = _measured("the harmless world", {})
    for name, files in cases().items():
        found = _measured(name, files)
        yield found | {"megabytes": (found["kilobytes"] - harmless["kilobytes"]) / 1024}


def _measured(name: str, files: Files) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, json.dumps(_answer(files)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status, used = os.wait4(child, 0)
    told = json.loads(answer) if status == 0 else {"crash": f"ended with status {status}"}
    return {"case": name, "seconds": used.ru_utime + used.ru_stime, "kilobytes": used.ru_maxrss, **told}


def _answer(files: Files) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        problems = check_files(_bytes(files))
    except InputError as error:
        problems = list(error.problems)
    except BaseException as error:  # noqa: BLE001 - a crash is what the battery looks for
        return {"crash": f"{type(error).__name__}: {error}"[:200]}
    return {"problems": len(problems), "characters": sum(len(str(problem)) for problem in problems)}


def _bytes(files: Files) -> dict[str, bytes]:
    changed: dict[str, str | bytes] = {**TANK, **files}
    return {path: text if isinstance(text, bytes) else text.encode() for path, text in changed.items()}


if __name__ == "__main__":
    for line in costs():
        print(json.dumps(line), flush=True)  # noqa: T201 - the program's answer
