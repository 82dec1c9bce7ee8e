"""The Markov blanket of a variable: what must be known so that nothing else says any more about it.

In a world with time it is the blanket of the variable at one step, far from the first and the last, so that every
member has a place relative to that step.
"""

from collections import defaultdict
from dataclasses import dataclass

from worldmodel.grounding.ground import ground
from worldmodel.questions.graph import Place, causal_edges, check_variable
from worldmodel.world import World


@dataclass(frozen=True)
class Blanket:
    """Parents, children and the children's other parents of `variable`, each a variable and its step relative to it.

    A place may be in several of the sets; `members` has each once.
    """

    variable: str
    parents: tuple[Place, ...]
    children: tuple[Place, ...]
    spouses: tuple[Place, ...]

    @property
    def members(self) -> tuple[Place, ...]:
        """The blanket."""
        return tuple(sorted({*self.parents, *self.children, *self.spouses}))


def markov_blanket(world: World, variable: str) -> Blanket:
    """The blanket of a variable at step 0 in the graph unrolled without end, or in the graph of a static world."""
    world = ground(world)
    check_variable(world, variable)
    reads: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    children = []
    for edge in causal_edges(world):
        reads[edge.target].append((edge.source, edge.lag))
        if edge.source == variable:
            children.append((edge.target, edge.lag))
    parents = [(name, -lag) for name, lag in reads[variable]]
    spouses = {(name, step - lag) for child, step in children for name, lag in reads[child]}
    return Blanket(variable, _sorted(parents), _sorted(children), _sorted(spouses - {(variable, 0)}))


def _sorted(places: "list[Place] | set[Place]") -> tuple[Place, ...]:
    return tuple(sorted(places))
