"""A bad proposal for training reviewers: a plausible change of the approved world with one planted mistake.

It passes every check of the machine, so only a reader who understands it can refuse it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reviewer.behaviour.equality import compare_variable
from reviewer.measuring.mutations import MISTAKES, Mistake, Mutation, mutations
from worldmodel.build import world_of
from worldmodel.errors import GlassworldError, Problem, RefusedError
from worldmodel.files import GOVERNANCE_PATH
from worldmodel.grounding.names import surface
from worldmodel.world import World

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Planted:
    """A planted change: its files, a title as an honest one would have, and what is wrong, for the debrief."""

    title: str
    changes: Mapping[str, bytes | None]
    mistake: Mistake
    said: str
    path: str


def plant(files: Files, seed: int, mistake: Mistake | None = None) -> Planted:
    """A bad proposal against these files, another for each seed; raises RefusedError where none passes the checks."""
    own = {path: data for path, data in files.items() if not GOVERNANCE_PATH.match(path)}
    world = _build(own)
    random = np.random.default_rng(seed)
    if world is not None:
        for wanted in [mistake] if mistake else [MISTAKES[int(place)] for place in random.permutation(len(MISTAKES))]:
            for name in [sorted(world.mechanisms)[int(place)] for place in random.permutation(len(world.mechanisms))]:
                found = _spoiled(own, world, name, wanted, random)
                if found is not None:
                    return found
    raise RefusedError(
        Problem(
            code="nothing-to-plant",
            where="world",
            found="no mechanism in which this mistake passes the checks",
            wanted="a mechanism with a sum, a prior or a lag",
            mend="let reviewers train on a world with more in it, or leave the kind of mistake open",
        )
    )


def _spoiled(own: Files, world: World, name: str, wanted: Mistake, random: np.random.Generator) -> Planted | None:
    path = f"mechanisms/{name}.toml"
    mechanism = world.mechanisms[name]
    options = list(mutations(mechanism, own[path].decode("utf-8"), wanted))
    for place in random.permutation(len(options)):
        mutation = options[int(place)]
        changes = dict(_with_posterior(own, path, mutation))
        after = _build({key: data for key, data in {**own, **changes}.items() if data is not None})
        if after is not None and _behaves_otherwise(world, after, surface(mechanism.assigns)):
            title = f"Refine: {mechanism.file.title}"[:200]
            return Planted(title, changes, wanted, f"In {path}, {mutation.said}.", path)
    return None


def _with_posterior(own: Files, path: str, mutation: Mutation) -> Iterator[tuple[str, bytes | None]]:
    """The mechanism, and its posterior gone: what data said of another law does not hold for this one."""
    yield path, mutation.text.encode("utf-8")
    posterior = path.replace("mechanisms/", "posteriors/")
    if posterior in own:
        yield posterior, None


def _behaves_otherwise(before: World, after: World, variable: str) -> bool:
    return compare_variable(before, after, variable).verdict == "different"


def _build(files: Mapping[str, bytes]) -> World | None:
    try:
        return world_of(files)
    except GlassworldError:
        return None
