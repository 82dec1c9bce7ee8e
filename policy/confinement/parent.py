"""`run_confined`: starts a confined process, checks its walls from outside, hands it a request, brings back the answer.

Whatever happens, Ctrl-C and its own death included, no process stays behind; the folder that the child needed to
import its libraries is gone before the request is sent.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from policy.confinement import failures, landlock, launch, outside, seccomp
from policy.confinement.conversation import Conversation, Silence
from policy.confinement.frames import Frame
from policy.confinement.probes import Targets, probe_targets
from policy.confinement.readable import Readable, readable_for_training
from policy.confinement.report import ConfinementReport, Probe, SeenFromOutside

# a unix socket's whole path has at most 107 bytes
_LONGEST_FOR_A_SOCKET = 60
_TIERS = ("clean environment", "landlock", "first filter", "second filter")


@dataclass(frozen=True)
class ConfinedResult:
    """What a confined function answered, as named bytes, and how it was confined."""

    result: Mapping[str, bytes]
    report: ConfinementReport


@dataclass(frozen=True)
class _Locked:
    """What is known of a child that waits for its request."""

    landlock_version: int | None
    outside: SeenFromOutside
    probes: tuple[Probe, ...]
    said: Mapping[str, str]


def run_confined(
    target: str,
    request: bytes,
    *,
    on_progress: Callable[[dict[str, Any]], None] | None = None,
    level: Literal["L3", "L0"] = "L3",
    timeout: float | None = None,
    paths: Readable | None = None,
) -> ConfinedResult:
    """Calls `module:function`(request, emit) in a process that can only compute, and answers with its named bytes.

    The function's module must import all that it needs at its top, or in a function `warm_up()` of its own: nothing can
    be imported later. `paths` is what may be read until then, by default what training needs. A GlassworldError raised
    inside comes out as the same; EnvironmentProblem is raised where the kernel cannot confine, or the child failed.
    """
    failures.require_target(target)
    version = _require_walls() if level == "L3" else None
    readable = readable_for_training(launch.package_root()) if paths is None else paths
    with ExitStack() as folders:
        scratch = Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="glassworld-")))
        targets = folders.enter_context(_targets(level))
        with _child(scratch, timeout) as child:
            child.talk.send(Frame("setup", _setup(target, version, scratch, targets, readable)))
            locked = _wait_until_locked(child, version, targets)
            folders.close()
            child.talk.send(Frame("request", {}, request))
            return _collect(child, level, locked, on_progress)


def _require_walls() -> int:
    version = landlock.available_version()
    seccomp.require_seccomp()
    return version


@contextmanager
def _targets(level: str) -> Iterator[Targets]:
    if level == "L0":
        yield Targets({}, {})
        return
    usual = tempfile.gettempdir()
    short = usual if len(usual) <= _LONGEST_FOR_A_SOCKET else "/tmp"
    place = tempfile.TemporaryDirectory(prefix="glassworld-probe-", dir=short)
    with place as folder, probe_targets(Path(folder)) as targets:
        yield targets


@dataclass(frozen=True)
class _Child:
    """A running child, the pipes to it, and how long it may take."""

    process: "subprocess.Popen[bytes]"
    talk: Conversation
    timeout: float | None

    def next_frame(self) -> Frame:
        """What the child says next; raises EnvironmentProblem where it says nothing more."""
        try:
            frame = self.talk.receive()
        except Silence:
            raise failures.too_slow(self.timeout or 0.0) from None
        if frame is None:
            raise failures.ended(self.process.wait(), self.talk.error_output())
        return frame


@contextmanager
def _child(scratch: Path, timeout: float | None) -> Iterator[_Child]:
    """A running child with its pipes; it is killed and reaped on the way out, however that is."""
    pipes = [os.pipe() for _ in range(3)]
    (request, ours_request), (ours_frames, frames), (ours_errors, errors) = pipes
    deadline = None if timeout is None else time.monotonic() + timeout
    talk = Conversation(ours_request, ours_frames, ours_errors, deadline)
    try:
        try:
            process = launch.start(scratch, request, frames, errors)
        finally:
            for descriptor in (request, frames, errors):
                os.close(descriptor)
        try:
            yield _Child(process, talk, timeout)
        finally:
            _kill(process)
    finally:
        talk.close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _setup(target: str, version: int | None, scratch: Path, targets: Targets, paths: Readable) -> dict[str, Any]:
    return {
        "parent": os.getpid(),
        "target": target,
        "walls": version is not None,
        "landlock_version": version or 0,
        "readable": paths.readable,
        "listable": paths.listable,
        "import_path": paths.import_path,
        "scratch": str(scratch),
        "targets": dict(targets.places),
    }


def _wait_until_locked(child: _Child, version: int | None, targets: Targets) -> _Locked:
    """Waits until the child says that its walls are up, and does not believe it."""
    match child.next_frame():
        case Frame("locked", {"refusals": {**refusals}} as said):
            probes = targets.outcomes({str(name): str(told) for name, told in refusals.items()})
        case frame:
            raise failures.of_child(frame)
    try:
        seen = outside.look_at(child.process.pid)
    except OSError:
        raise failures.ended(child.process.wait(), child.talk.error_output()) from None
    if version is not None:
        failures.require_tight(seen, probes, outside.look_at(os.getpid()).seccomp_filters)
    return _Locked(
        version, seen, probes, {name: str(said.get(name, "")) for name in ("python", "torch", "cpu_capability")}
    )


def _collect(
    child: _Child, level: Literal["L3", "L0"], locked: _Locked, on_progress: Callable[[dict[str, Any]], None] | None
) -> ConfinedResult:
    results: dict[str, bytes] = {}
    while True:
        frame = child.next_frame()
        match frame:
            case Frame("progress", head):
                if on_progress is not None:
                    on_progress(head)
            case Frame("result", {"name": str(name)}, body) if name not in results:
                results[name] = body
            case Frame("done", {"modules": [*modules]}):
                return ConfinedResult(results, _report(level, locked, tuple(map(str, modules))))
            case _:
                raise failures.of_child(frame)


def _report(level: Literal["L3", "L0"], locked: _Locked, modules: tuple[str, ...]) -> ConfinementReport:
    return ConfinementReport(
        level=level,
        tiers=_TIERS if level == "L3" else _TIERS[:1],
        kernel=launch.kernel_release(),
        machine=os.uname().machine,
        landlock_version=locked.landlock_version,
        outside=locked.outside,
        probes=locked.probes,
        environment=launch.environment(),
        python=locked.said["python"],
        torch=locked.said["torch"],
        cpu_capability=locked.said["cpu_capability"],
        modules=modules,
    )
