"""What went wrong with a confined process, as errors that a person can act on."""

import re
import signal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from policy.confinement.frames import Frame
from policy.confinement.report import Probe, SeenFromOutside
from worldmodel.errors import EnvironmentProblem, GlassworldError, InputError, Problem, RefusedError

_WHERE = "the confined process"
_TREE: Mapping[str, type[GlassworldError]] = {
    "EnvironmentProblem": EnvironmentProblem,
    "InputError": InputError,
    "RefusedError": RefusedError,
}


def require_target(target: str) -> None:
    """Raises InputError for a target that is not `module:function` of ours."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*", target):
        raise InputError(
            Problem(
                code="confined-target",
                where=_WHERE,
                found=repr(target),
                wanted="module:function",
                mend="correct the target's name",
            )
        )


def require_tight(seen: SeenFromOutside, probes: Iterable[Probe], inherited: int) -> None:
    """Raises EnvironmentProblem where the kernel confirms less than two filters of ours, or a probe got through."""
    leaks = [f"{probe.name} could be reached" for probe in probes if probe.reached]
    if (seen.seccomp_mode, seen.no_new_privileges) != (2, 1) or seen.seccomp_filters < inherited + 2:
        leaks.append(f"the kernel reports {seen}")
    if leaks:
        raise EnvironmentProblem(
            Problem(
                code="confinement-leaks",
                where=_WHERE,
                found="; ".join(leaks),
                wanted="every probe refused, two filters and no new privileges",
                mend="nothing was handed to the process; report this with the kernel's version, and do not train here",
            )
        )


def of_child(frame: Frame) -> GlassworldError:
    """The error that the child met, as itself where it is one of ours."""
    head = frame.head
    failure = Problem(
        code="confined-failed",
        where=_WHERE,
        found=f"{head.get('type', frame.kind)}: {head.get('message', 'an answer out of turn')}",
        wanted="an answer",
        mend=_hint(head),
    )
    own = _TREE.get(str(head.get("type")))
    try:
        problems = [replace(failure, **each) for each in head["problems"]]
    except (KeyError, TypeError):
        problems = []
    return own(problems) if own and problems else EnvironmentProblem(failure)


def _hint(head: Mapping[str, Any]) -> str:
    trace = str(head.get("traceback", "")).rstrip()
    if head.get("type") in {"PermissionError", "ModuleNotFoundError"}:
        return f"import everything at the top of the target's module, and read nothing; where it happened:\n{trace}"
    return f"where it happened:\n{trace}"


def ended(status: int, errors: str) -> EnvironmentProblem:
    """The error for a child that ended without an answer."""
    said = "\n".join(errors.strip().splitlines()[-20:])
    return EnvironmentProblem(
        Problem(
            code="confined-killed",
            where=_WHERE,
            found=_how(status) + (f"; its last words:\n{said}" if said else ""),
            wanted="an answer",
            mend="nothing was written; run it again, with more memory if it was killed by the kernel",
        )
    )


def _how(status: int) -> str:
    if status >= 0:
        return f"it ended with status {status} and no answer"
    name = signal.Signals(-status).name
    return f"it was killed by {name}" + (
        ", which means that it tried a forbidden system call" if name == "SIGSYS" else ""
    )


def too_slow(seconds: float) -> EnvironmentProblem:
    """The error for a child that took longer than it may."""
    return EnvironmentProblem(
        Problem(
            code="confined-timeout",
            where=_WHERE,
            found=f"no answer within {seconds:g} s",
            wanted="an answer in time",
            mend="give it more time, or less to do; nothing was written",
        )
    )
