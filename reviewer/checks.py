"""What the machine checks before a merge: the whole world as it would be after it, not the change alone.

Two changes that are clean each can be wrong together (one adds x → y, the other y → x), so checks always run on the
merged files.
"""

from collections.abc import Callable, Mapping

from reviewer.history import GOVERNANCE, History
from reviewer.log import Request
from reviewer.repository import with_changes
from worldmodel.build import build_world, check_files
from worldmodel.errors import GlassworldError, Problem
from worldmodel.files import parse_toml
from worldmodel.governance.replay import check_succession
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH

Checker = Callable[[Mapping[str, bytes]], list[Problem]]


def check_request(history: History, request: Request, checker: Checker = check_files) -> list[Problem]:
    """Every problem of the world as this request would make it."""
    changes = request.changes()
    problems = _governance_problems(history, changes)
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
