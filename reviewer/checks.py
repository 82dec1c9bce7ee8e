"""What the machine checks before a merge: the whole world as it would be after it, not the change alone.

Two changes that are clean each can be wrong together (one adds x → y, the other y → x), so checks always run on the
merged files.
"""

from collections.abc import Callable, Mapping

from reviewer.history import GOVERNANCE, History
from reviewer.log import Request
from reviewer.repository import component_digest, with_changes
from worldmodel.build import build_world, check_files
from worldmodel.canonical import digest_bytes
from worldmodel.errors import GlassworldError, Problem
from worldmodel.files import parse_toml
from worldmodel.governance.replay import check_succession
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH

Checker = Callable[[Mapping[str, bytes]], list[Problem]]


def check_request(history: History, request: Request, checker: Checker = check_files) -> list[Problem]:
    """Every problem of the world as this request would make it."""
    changes = request.changes()
    problems = [*_digest_problems(request, changes), *_governance_problems(history, changes)]
    files = {path: data for path, data in with_changes(history.files, changes).items() if path not in GOVERNANCE}
    if files:
        found = checker(files)
        problems += found or _bits_problems(files, changes)
    return problems


def _bits_problems(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> list[Problem]:
    """Whether posteriors say how much they really teach, wherever a posterior or the priors under it change."""
    if not any(path.startswith(("posteriors/", "mechanisms/")) for path in changes):
        return []
    if not any(path.startswith("posteriors/") for path in files):
        return []
    from worldmodel.bundle.recount import recount  # noqa: PLC0415 - torch is heavy

    return recount(build_world({path: parse_toml(path, data) for path, data in files.items()}))


def _digest_problems(request: Request, changes: Mapping[str, bytes | None]) -> list[Problem]:
    """The files of a patchset must be the ones whose digests were signed."""
    problems: list[Problem] = []
    for path, change in request.state.proposed.changes.items():
        data = changes[path]
        try:
            found = None if data is None else component_digest(path, data)
        except GlassworldError as error:
            problems += error.problems
            continue
        if found != change.after or (data is not None and digest_bytes(data) != change.text):
            problems.append(
                Problem(
                    code="unsigned-change",
                    where=path,
                    found="a file that is not the one that was signed",
                    wanted=f"the file with digest {change.after} and text {change.text}",
                    mend="fetch the request again from a clone that you trust",
                )
            )
    extra = set(request.proposal.files) - set(request.state.proposed.changes)
    return problems + [
        Problem(
            code="unsigned-change",
            where=path,
            found="a file that nobody signed",
            wanted="only signed files",
            mend="fetch it again",
        )
        for path in sorted(extra)
    ]


def _governance_problems(history: History, changes: Mapping[str, bytes | None]) -> list[Problem]:
    parsed = {}
    try:
        for path in GOVERNANCE:
            if path in changes:
                parsed[path] = parse_toml(path, changes[path] or b"")
        check_succession(history.standing, parsed.get(ROSTER_PATH), parsed.get(RULES_PATH))
    except GlassworldError as error:
        return list(error.problems)
    return []
