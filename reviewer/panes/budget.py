"""How much of everything a review runs, so that a large world takes no longer than a person waits.

Counted are operations of both worlds' laws, and never seconds, so that the same change gives the same panes on every
computer. What is cut is said in the panes.
"""

from dataclasses import dataclass

REST = 400
PUSHES = 4
PUSH_STEPS = 20
_FEWEST = 4


@dataclass(frozen=True)
class Budget:
    """Steps of the paths, steps towards rest, how many pushes of how many steps, and how many reference states."""

    horizon: int
    resting: int
    pushes: int
    push_steps: int
    states: int


def budget(work: int, operations: int, horizon: int, sources: int) -> Budget:
    """What `work` operations allow where one step of both worlds takes `operations`.

    Half goes to paths (as many `sources` of parameters as there are), a fifth to pushes, a fifth to the resting state
    and a tenth to steps from reference states; none goes below a few steps.
    """
    steps = work // max(1, operations)
    push_steps = max(_FEWEST, min(PUSH_STEPS, steps // 5))
    return Budget(
        horizon=max(_FEWEST, min(horizon, steps // (2 * sources))) if horizon > 1 else horizon,
        resting=max(1, min(REST, steps // 5)),
        pushes=max(1, min(PUSHES, steps // (5 * push_steps))),
        push_steps=push_steps,
        states=max(_FEWEST, steps // 10),
    )
