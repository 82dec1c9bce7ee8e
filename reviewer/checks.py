"""What the machine checks before a merge: the whole world as it would be after it, not the change alone.

Two changes that are clean each can be wrong together (one adds x → y, the other y → x), so checks always run on the
merged files.
"""

from collections.abc import Callable, Mapping

from reviewer.history import GOVERNANCE, History
from reviewer.log import Request
from reviewer.repository import with_changes
from worldmodel.build import check_files, world_of
from worldmodel.errors import GlassworldError, Problem
from worldmodel.files import parse_toml
from worldmodel.governance.replay import check_succession
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.world import World

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


def refuted_claims(history: History, request: Request) -> list[Problem]:
    """The claims that the machine refutes in the world after the merge, and did not refute before it."""
    from reviewer.claims.checks import claim_problems  # noqa: PLC0415 - torch is heavy

    files = with_changes(history.files, request.changes())
    try:
        after, before = (_world(own) for own in (files, history.files))
    except GlassworldError:
        return []  # a world that cannot be built has its problems told already
    return [] if after is None else claim_problems(after, before)


def _world(files: Mapping[str, bytes]) -> World | None:
    return world_of(files) if any(path not in GOVERNANCE for path in files) else None


def _bits_problems(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> list[Problem]:
    """Whether posteriors say how much they really teach, wherever a posterior or the priors under it change."""
    if not any(path.startswith(("posteriors/", "mechanisms/")) for path in changes):
        return []
    if not any(path.startswith("posteriors/") for path in files):
        return []
    from worldmodel.bundle.recount import recount  # noqa: PLC0415 - torch is heavy

    return recount(world_of(files))


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
