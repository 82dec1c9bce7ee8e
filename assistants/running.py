"""Running an assistant from outside: starts its process, passes on its progress, takes its answer as untrusted data."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistants import confinement
from assistants.brief import Progress
from worldmodel.errors import EnvironmentProblem, GlassworldError, InputError, Problem, RefusedError
from worldmodel.files import FOLDERS, SINGLE_FILES, parse_toml
from worldmodel.governance.proposal import ProposalFile, load_proposal

LONGEST_LINE = 64 * 1024 * 1024
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True)
class Order:
    """What to run on which world. `confined` is False only where a person asked for it by name."""

    assistant: str
    world: Path
    mechanisms: tuple[str, ...] = ()
    cross_check: bool = False
    confined: bool = True


def run_assistant(order: Order, progress: Progress) -> list[ProposalFile]:
    """The proposals of one assistant; raises what it raised, and EnvironmentProblem where it cannot run or dies."""
    if order.confined and not confinement.supported():
        raise EnvironmentProblem(_no_landlock())
    with tempfile.TemporaryDirectory(prefix="glassworld-assistant-") as scratch, tempfile.TemporaryFile() as errors:
        command = [sys.executable, "-B", "-m", "assistants.child"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(scratch),
            cwd=_import_root(),
            text=True,
            encoding="utf-8",
        )
        try:
            proposals = _converse(process, _request(order, scratch), progress, order.assistant)
            if process.wait() != 0:
                errors.seek(0)
                said = errors.read().decode("utf-8", "replace").strip()[-2000:]
                raise EnvironmentProblem(_died(order.assistant, said or f"exit code {process.returncode}"))
            return proposals
        finally:
            process.kill()
            process.communicate()


def _converse(process: subprocess.Popen[str], request: str, progress: Progress, name: str) -> list[ProposalFile]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the process was started with pipes")
    process.stdin.write(request + "\n")
    process.stdin.flush()
    proposals = []
    for message in _messages(process.stdout, name):
        match message:
            case {"progress": [str(what), int(done), int(total)]}:
                progress(what, done, total)
            case {"proposal": dict(value)}:
                proposals.append(load_proposal(json.dumps(value).encode(), f"the proposal of {name}"))
            case {"problems": list(problems), "exit_code": int(code)}:
                raise _raised(problems, code)
            case _:
                raise EnvironmentProblem(_died(name, "a message of no known kind"))
    return proposals


def _messages(lines: Any, name: str) -> Iterator[Mapping[str, Any]]:
    while line := lines.readline(LONGEST_LINE):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise EnvironmentProblem(_died(name, "an answer that is not JSON")) from error


def _raised(problems: list[dict[str, Any]], code: int) -> GlassworldError:
    found = [Problem(**problem) for problem in problems]
    return RefusedError(found) if code == RefusedError.exit_code else InputError(found)


def _request(order: Order, scratch: str) -> str:
    world = order.world.resolve()
    return json.dumps(
        {
            "assistant": order.assistant,
            "world": str(world),
            "mechanisms": order.mechanisms,
            "cross_check": order.cross_check,
            "confined": order.confined,
            "readable": [str(path) for path in _readable(world)],
            "scratch": scratch,
        }
    )


def _readable(world: Path) -> list[Path]:
    """The components and the data file: neither the repository's history nor anything else in the folder."""
    paths = [world / name for name in (*SINGLE_FILES, *FOLDERS)]
    header = parse_toml("world.toml", (world / "world.toml").read_bytes()) if (world / "world.toml").is_file() else {}
    data = header.get("data")
    file = data.get("file") if isinstance(data, dict) else None
    if isinstance(file, str) and (world / file).resolve().is_relative_to(world):
        paths.append((world / file).resolve())
    return [path for path in paths if path.exists()]


def _environment(scratch: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {**kept, **threads, "HOME": scratch, "TMPDIR": scratch, "PYTHONHASHSEED": "0"}


def _import_root() -> str:
    """The folder that holds the packages, so that a copy that is not installed runs as well."""
    return str(Path(__file__).resolve().parent.parent)


def _no_landlock() -> Problem:
    return Problem(
        code="assistant-not-confined",
        where="this machine's kernel",
        found="no Landlock, which keeps an assistant from keys and from writing to the world",
        wanted="Linux 5.13 or newer with Landlock switched on",
        mend="run on such a machine, or add --unconfined if you trust the assistant's code with all your files",
    )


def _died(name: str, found: str) -> Problem:
    return Problem(
        code="assistant-failed",
        where=f"assistant {name}",
        found=found,
        wanted="proposals, or problems",
        mend="report it with what is printed here; nothing was changed",
    )
