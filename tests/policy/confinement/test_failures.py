"""What a person is told when a confined process fails."""

import signal

import pytest

from policy.confinement import child, failures
from policy.confinement.frames import Frame, dump_frame, take_frame
from policy.confinement.report import Probe, SeenFromOutside
from worldmodel.errors import EnvironmentProblem, GlassworldError, InputError, Problem, RefusedError

TIGHT = SeenFromOutside(seccomp_mode=2, seccomp_filters=3, no_new_privileges=1, threads=1)
REFUSED = Probe(name="canary file", refused_with="EPERM", reached=False)


def _across(error: BaseException) -> GlassworldError:
    """An error on its way from the child to the parent."""
    frame = take_frame(bytearray(dump_frame(Frame("failed", child._failure(error)))))
    assert frame is not None
    return failures.of_child(frame)


@pytest.mark.parametrize("kind", [InputError, RefusedError, EnvironmentProblem])
def test_an_error_of_ours_comes_out_as_itself(kind: type[GlassworldError]) -> None:
    problems = [Problem(code=f"made-up-{n}", where="a file", found="x", column=n) for n in range(2)]
    out = _across(kind(problems))
    assert type(out) is kind
    assert list(out.problems) == problems


def test_any_other_error_says_where_it_happened() -> None:
    try:
        raise PermissionError(1, "Operation not permitted")
    except PermissionError as error:
        out = _across(error)
    assert isinstance(out, EnvironmentProblem)
    assert out.problems[0].code == "confined-failed"
    assert "import everything at the top" in out.problems[0].mend
    assert "test_failures.py" in out.problems[0].mend


def test_an_answer_out_of_turn_is_a_failure() -> None:
    assert failures.of_child(Frame("request", {})).problems[0].code == "confined-failed"


@pytest.mark.parametrize(
    ("status", "words"),
    [(-signal.SIGKILL, "SIGKILL"), (-signal.SIGSYS, "forbidden system call"), (0, "no answer"), (3, "status 3")],
)
def test_a_death_is_told_by_its_cause(status: int, words: str) -> None:
    (problem,) = failures.ended(status, "last words\n").problems
    assert problem.code == "confined-killed"
    assert words in problem.found
    assert "last words" in problem.found


def test_tight_walls_pass() -> None:
    failures.require_tight(TIGHT, [REFUSED], inherited=1)


@pytest.mark.parametrize(
    ("seen", "probe", "inherited"),
    [
        (TIGHT.model_copy(update={"seccomp_mode": 0}), REFUSED, 0),
        (TIGHT.model_copy(update={"no_new_privileges": 0}), REFUSED, 0),
        # the filter of a container around us is none of ours
        (TIGHT, REFUSED, 2),
        (TIGHT, REFUSED.model_copy(update={"reached": True}), 0),
    ],
)
def test_a_leak_is_refused(seen: SeenFromOutside, probe: Probe, inherited: int) -> None:
    with pytest.raises(EnvironmentProblem, match="confinement-leaks"):
        failures.require_tight(seen, [probe], inherited)
