"""Runs of a world for a claim: with the claim's mechanism in force, within a budget, the same bits every time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.claims.budget import Budget
from worldmodel.components.purpose import PropertyFile
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Formula, Node
from worldmodel.language.walk import walk
from worldmodel.simulation.backend import simulator_for
from worldmodel.simulation.blocks import Asked, run_in_blocks
from worldmodel.simulation.choice import choose_rivals
from worldmodel.simulation.draws import Source
from worldmodel.simulation.intervention import Edit
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import Property, World

_CLAIM = PropertyFile(format=1, id="claim", title="claim", kind="property", property="claim", why="it is claimed")
_FEWEST = 200


@dataclass(frozen=True)
class Run:
    """What is run for a claim: the world in which the mechanism holds, for how long, and which rule is named."""

    world: World
    formula: Formula
    mechanism: str
    steps: int
    draws: int
    rule: tuple[str, ...] = ()
    rival: tuple[str, ...] = ()


def run_of(world: World, mechanism: str, formula: Formula, steps: int, budget: Budget) -> Run | str:
    """The run that decides a claim of a mechanism of a world as written, or why there is none."""
    terms = sum(_size(one.law) for one in ground(world).mechanisms.values()) + _size(formula)
    if terms * steps > budget.steps:
        return f"{steps} steps of {terms} terms are more than the budget of {budget.steps} allows"
    draws = min(budget.draws, budget.values // (terms * steps))
    if draws < _FEWEST:
        return f"the budget allows {draws} trajectories of {steps} steps of {terms} terms, too few to say anything"
    assigned = world.mechanisms[mechanism].assigns
    rule = (mechanism,) if assigned in world.actions else ()
    rival = (mechanism,) if not rule and assigned in world.header.rivals else ()
    chosen = ground(_ruled(choose_rivals(world, rival), assigned, rule))
    # The claim stands among the properties, so that as many past values are kept as it looks back at.
    asked = replace(chosen, properties={**chosen.properties, " claim": Property(_CLAIM, formula)})
    return Run(asked, formula, mechanism, steps, draws, rule, rival)


def _ruled(world: World, action: str, rule: tuple[str, ...]) -> World:
    """The world in which the named rule is the one that counts, for the graph as for a run."""
    if not rule:
        return world
    rivals = {**world.header.rivals, action: {rule[0]: 1.0}}
    return replace(world, header=world.header.model_copy(update={"rivals": rivals}))


def trajectories(run: Run, source: Source, seed: int, keep: frozenset[str], edits: Sequence[Edit] = ()) -> Trajectories:
    """The run's trajectories; number i is the same however many there are."""
    asked = Asked(simulator_for(run.world), run.steps, run.draws, seed, source, run.rule or None, edits, keep)
    return run_in_blocks(asked)


def sources(world: World) -> tuple[Source, ...]:
    """Where parameters are drawn from: what is known after data first, and the priors where that is something else."""
    return ("posterior", "prior") if world.posteriors else ("prior",)


def command(run: Run, source: Source, seed: int, edits: Sequence[str] = ()) -> str:
    """The command that simulates the same trajectories."""
    words = [f"glassworld simulate --horizon {run.steps} --draws {run.draws} --seed {seed} --source {source}"]
    words += [f"--rule {name}" for name in run.rule] + [f"--rival {name}" for name in run.rival]
    words += [f"--do '{text}'" for text in edits]
    return " ".join(words)


def _size(node: Node) -> int:
    return sum(1 for _ in walk(node))
