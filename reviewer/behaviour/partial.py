"""A change made in part: worlds in which some of its components are as after it and the others as before.

Components that only build together move together: such a group is one player, named by its components.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from worldmodel.build import world_of
from worldmodel.errors import GlassworldError
from worldmodel.files import GOVERNANCE_PATH
from worldmodel.world import World

Files = Mapping[str, bytes]
Changes = Mapping[str, bytes | None]


class Partial:
    """The worlds between two: `world(groups)` has these groups of the change made, and is built once."""

    def __init__(self, before: Files, changes: Changes) -> None:
        self._before = before
        self._changes = {path: data for path, data in changes.items() if not GOVERNANCE_PATH.match(path)}
        self._built = lru_cache(maxsize=None)(self._build)
        self.groups = self._groups()

    def world(self, groups: Collection[str]) -> World | None:
        """The world with these groups changed; None where it cannot be built."""
        return self._built(frozenset(path for name in groups for path in self.groups[name]))

    def _build(self, paths: frozenset[str]) -> World | None:
        files = dict(self._before)
        for path in paths:
            files.pop(path, None)
            data = self._changes[path]
            if data is not None:
                files[path] = data
        try:
            return world_of(files)
        except GlassworldError:
            return None

    def _groups(self) -> dict[str, tuple[str, ...]]:
        groups = groups_that_stand(self._changes, lambda paths: self._built(paths) is not None)
        return {" + ".join(group): group for group in groups}


def groups_that_stand(
    players: Collection[str], builds: Callable[[frozenset[str]], bool]
) -> tuple[tuple[str, ...], ...]:
    """The players, put together until each group builds alone and the rest builds without it."""
    whole = frozenset(players)
    groups = [frozenset({player}) for player in sorted(whole)]

    def stands(group: frozenset[str]) -> bool:
        return builds(group) and builds(whole - group)

    while len(groups) > 1:
        stuck = next((group for group in groups if not stands(group)), None)
        if stuck is None:
            break
        others = [group for group in groups if group != stuck]
        partner = next((other for other in others if stands(stuck | other)), others[0])
        groups = [*(other for other in others if other != partner), stuck | partner]
    return tuple(tuple(sorted(group)) for group in groups)
