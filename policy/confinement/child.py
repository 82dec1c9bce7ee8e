"""The confined process: builds its walls, loads its libraries, loses every path, proves it, then reads its request.

The order is the point. Landlock and the first filter come before NumPy and torch are imported, since a thread that is
older keeps its access; the second filter comes after, since importing reads files; the request comes last. Imports at
the top are of the standard library and of this folder only, and start no thread.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from policy.confinement import absent, allowed, attempts, landlock, process, seccomp
from policy.confinement.frames import Frame, read_frame, write_frame
from worldmodel.errors import GlassworldError

_REQUEST = 0
_OURS = ("assistants", "policy", "reviewer", "worldmodel")

Emit = Callable[[dict[str, Any]], None]
Target = Callable[[bytes, Emit], Mapping[str, bytes]]


@dataclass(frozen=True)
class Setup:
    """What the parent says before the walls go up; it holds nothing of the request."""

    parent: int
    target: str
    walls: bool
    landlock_version: int
    readable: tuple[str, ...]
    listable: tuple[str, ...]
    import_path: tuple[str, ...]
    scratch: str
    targets: dict[str, str]


def main(root: str, frames: int) -> None:
    """Runs from start to end, answering on descriptor `frames`; never returns."""
    setup = Setup(**read_frame(_REQUEST).head)
    process.die_with(setup.parent)
    try:
        _run(setup, root, frames)
    except BaseException as error:  # noqa: BLE001 — whatever it is, the parent is told
        write_frame(frames, Frame("failed", _failure(error)))
        os._exit(1)
    sys.stdout.flush()
    sys.stderr.flush()
    # no farewell of libraries, which may want paths
    os._exit(0)


def _run(setup: Setup, root: str, frames: int) -> None:
    process.limit_resources()
    if setup.walls:
        _first_walls(setup)
    sys.path.remove(root)
    sys.path.extend(setup.import_path)
    absent.install(setup.readable)
    target = _load(setup.target)
    process.close_all_but(frozenset({0, 1, 2, frames}))
    if setup.walls:
        seccomp.install(allowed.while_computing(os.getpid()))
    refusals = attempts.attempt_all(setup.targets) if setup.walls else {}
    write_frame(frames, Frame("locked", {"refusals": refusals, **_versions()}))
    request = read_frame(_REQUEST).body
    results = target(request, lambda progress: write_frame(frames, Frame("progress", progress)))
    for name, body in sorted(results.items()):
        write_frame(frames, Frame("result", {"name": name}, body))
    write_frame(frames, Frame("done", {"modules": _modules()}))


def _first_walls(setup: Setup) -> None:
    if not process.only_thread():
        raise RuntimeError("a thread was started before Landlock could hold it")
    process.give_up_privileges()
    landlock.restrict(setup.readable, setup.listable, setup.scratch, setup.landlock_version)
    seccomp.install(allowed.while_importing(os.getpid()))


def _load(name: str) -> Target:
    """Imports torch, uses it once, then imports the target, and runs the `warm_up` of its module where it has one."""
    importlib.import_module("policy.confinement.warmup").warm_up()
    module_name, function = name.split(":")
    module = importlib.import_module(module_name)
    getattr(module, "warm_up", lambda: None)()
    target: Target = getattr(module, function)
    return target


def _versions() -> dict[str, str]:
    torch = sys.modules["torch"]
    return {
        "python": sys.version.split()[0],
        "torch": str(torch.__version__),
        "cpu_capability": str(torch.backends.cpu.get_cpu_capability()),
    }


def _modules() -> list[str]:
    """Packages that were loaded and are not Python's own, and each module of ours."""
    names = {name if name.split(".")[0] in _OURS else name.split(".")[0] for name in tuple(sys.modules)}
    return sorted(names - sys.stdlib_module_names - {"__main__", "__mp_main__"})


def _failure(error: BaseException) -> dict[str, Any]:
    problems = [each.to_json() for each in error.problems] if isinstance(error, GlassworldError) else []
    lines = traceback.format_exception(error)
    return {
        "type": type(error).__name__,
        "message": str(error),
        "problems": problems,
        "traceback": "".join(lines)[-20000:],
    }
