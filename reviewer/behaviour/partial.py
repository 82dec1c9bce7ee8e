"""A change made in part: worlds in which some of its components are as after it and the others as before.

Components that only build together move together: such a group is one player, named by its components.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from worldmodel.build import build_world
from worldmodel.errors import GlassworldError
from worldmodel.files import GOVERNANCE_PATH, parse_toml
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
        files = {path: data for path, data in self._before.items() if not GOVERNANCE_PATH.match(path)}
        for path in paths:
            files.pop(path, None)
            data = self._changes[path]
            if data is not None:
                files[path] = data
        try:
            return build_world({path: parse_toml(path, data) for path, data in files.items()})
        except GlassworldError:
            return None

    def _groups(self) -> dict[str, tuple[str, ...]]:
        """The change's components, put together until each group builds alone and the rest builds without it."""
        whole = frozenset(self._changes)
        groups = [frozenset({path}) for path in sorted(whole)]
        while len(groups) > 1:
            stuck = [group for group in groups if not self._stands(group, whole)]
            if not stuck:
                break
            groups = _joined(groups, stuck[0], self._partner(stuck[0], groups, whole))
        return {" + ".join(sorted(group)): tuple(sorted(group)) for group in groups}

    def _stands(self, group: frozenset[str], whole: frozenset[str]) -> bool:
        return self._built(group) is not None and self._built(whole - group) is not None

    def _partner(self, stuck: frozenset[str], groups: list[frozenset[str]], whole: frozenset[str]) -> frozenset[str]:
        """The group with which a stuck one stands; where none does, the one after it."""
        others = [group for group in groups if group != stuck]
        return next((other for other in others if self._stands(stuck | other, whole)), others[0])


def _joined(groups: list[frozenset[str]], one: frozenset[str], other: frozenset[str]) -> list[frozenset[str]]:
    return [group for group in groups if group not in (one, other)] + [one | other]
