"""Which proposers the change of the objective is due to: Shapley values of the merged requests.

The game: a coalition of requests is worth what the objective is of the world with their changes alone, applied in the
order of their merges. Requests that only build together are one player. A request after which every variable behaves as
before is nobody's merit: it gets exactly 0. Shares add up to the whole change.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from reviewer.behaviour.equality import compare_variable
from reviewer.behaviour.game import Coalition, Share, shapley_values
from reviewer.behaviour.partial import groups_that_stand
from reviewer.behaviour.worth import Setting, disagreement_of, objective_of, worth
from reviewer.history import MergedRequest
from reviewer.piecewise import Component, Piece, apply, pieces_between
from reviewer.repository import with_changes
from worldmodel.build import build_world
from worldmodel.errors import GlassworldError, InputError, Problem
from worldmodel.files import GOVERNANCE_PATH, parse_toml
from worldmodel.world import World

EXACT, ORDERS, MOST_PLAYERS = 6, 16, 40
MECHANISMS = "mechanisms/"


@dataclass(frozen=True)
class Step:
    """One merged request: who proposed it, its pieces, and whether every variable behaves after it as before."""

    number: int
    title: str
    proposer: str
    pieces: tuple[Piece, ...]
    idle: bool


@dataclass(frozen=True)
class Credit:
    """Shares of the change of the objective: of each request, and summed by proposer; `unbuilt` coalitions count as no
    change, and `sampled` says that orders were drawn."""

    before: float
    after: float
    steps: tuple[Step, ...]
    shares: Mapping[int, Share]
    unbuilt: int
    sampled: bool

    def by_proposer(self) -> dict[str, float]:
        """What each proposer's requests add up to, the largest first."""
        names = sorted({step.proposer for step in self.steps})
        sums = {
            name: math.fsum(self.shares[step.number].value for step in self.steps if step.proposer == name)
            for name in names
        }
        return dict(sorted(sums.items(), key=lambda one: (-one[1], one[0])))


def credit(first: Mapping[str, bytes], merged: Sequence[MergedRequest], setting: Setting) -> Credit:
    """Shares out the change of the objective from the world of these files through these merges, in their order.

    Raises InputError where the world before them makes no world with an objective.
    """
    base = _parsed(first)
    start = _built(base)
    if start is None:
        raise InputError(_no_start())
    objective_of(start)
    steps = _steps(first, merged)
    disagreement, players = disagreement_of(start, setting), {str(one.number): one for one in steps if not one.idle}
    unbuilt: set[frozenset[str]] = set()

    @cache
    def world_of(chosen: frozenset[str]) -> World | None:
        found: Mapping[str, Component] = base
        for step in steps:
            if step.idle or str(step.number) in chosen:
                found = apply(found, step.pieces)
        return _built(found)

    groups = {" + ".join(group): group for group in groups_that_stand(players, lambda one: world_of(one) is not None)}

    def valued(joined: Coalition) -> float:
        chosen = frozenset(name for group in joined for name in groups[group])
        world = world_of(chosen)
        if world is None:
            unbuilt.add(chosen)
        return worth(start if world is None else world, setting, disagreement).value

    known = cache(valued)
    shares = shapley_values(list(groups), known, ORDERS, setting.seed, EXACT)
    return Credit(
        known(frozenset()),
        known(frozenset(groups)),
        steps,
        {step.number: Share(str(step.number), 0.0) for step in steps} | _of_requests(shares, groups),
        len(unbuilt),
        len(groups) > EXACT,
    )


def _of_requests(shares: Sequence[Share], groups: Mapping[str, tuple[str, ...]]) -> dict[int, Share]:
    """The share of each request; those that only build together are alike, and share evenly."""
    return {
        int(name): Share(name, share.value / len(groups[share.player]), share.error / len(groups[share.player]))
        for share in shares
        for name in groups[share.player]
    }


def _steps(first: Mapping[str, bytes], merged: Sequence[MergedRequest]) -> tuple[Step, ...]:
    if len(merged) > MOST_PLAYERS:
        raise InputError(_too_many(len(merged)))
    files, found = dict(first), []
    for one in merged:
        after = with_changes(files, one.request.changes())
        old, new = _parsed(files), _parsed(after)
        pieces = pieces_between(old, new)
        found.append(Step(one.request.state.number, one.request.title, _proposer(one), pieces, _idle(old, new, pieces)))
        files = after
    return tuple(found)


def _proposer(one: MergedRequest) -> str:
    """The assistant that a request came from, or the person who uploaded it."""
    provenance = one.request.state.proposed.provenance
    if provenance is not None:
        return f"{provenance.assistant} (assistant)"
    return one.roster.label(one.roster.owner(one.request.state.authors[-1]))


def _idle(old: Mapping[str, Component], new: Mapping[str, Component], pieces: Sequence[Piece]) -> bool:
    """Whether nothing but mechanisms changed, and all that they assign behaves as before."""
    paths = {piece.path for piece in pieces}
    if not all(path.startswith(MECHANISMS) and path in old and path in new for path in paths):
        return False
    before, after = _built(old), _built(new)
    if before is None or after is None:
        return False
    assigned = {str(side[path].get("assigns")) for path in paths for side in (old, new)}
    return all(compare_variable(before, after, name).verdict == "equal" for name in sorted(assigned))


def _parsed(files: Mapping[str, bytes]) -> dict[str, Any]:
    return {path: parse_toml(path, data) for path, data in files.items() if not GOVERNANCE_PATH.match(path)}


def _built(components: Mapping[str, Component]) -> World | None:
    try:
        return build_world(components)
    except GlassworldError:
        return None


def _no_start() -> Problem:
    return Problem(
        code="no-objective",
        where="merge requests",
        found="before the first of these merges no world that builds",
        wanted="a world with an objective to begin from",
        mend="name a later request with --from",
    )


def _too_many(count: int) -> Problem:
    return Problem(
        code="too-many-merges",
        where="merge requests",
        found=f"{count} merges",
        wanted=f"at most {MOST_PLAYERS} to share credit among",
        mend="name a later request with --from",
    )
