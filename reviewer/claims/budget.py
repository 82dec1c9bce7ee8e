"""How much work a claim is worth: counts of work and never times, so that one claim has one answer."""

from dataclasses import dataclass, replace

_WHOLE = 8
"""How many claims of a mechanism, and elements of a family, have the whole budget each."""


@dataclass(frozen=True)
class Budget:
    """Limits on one claim.

    `boxes` into which the values that a law reads may be cut, `work` in terms times boxes or points, `points` to try
    for a counterexample, `draws` of trajectories, `steps` in terms times steps of one run, `values` in terms times
    steps times trajectories, `elements` of a family. `level` is the coverage of intervals, `seed` names the noise.
    """

    boxes: int = 5_000
    work: int = 500_000
    points: int = 4_096
    draws: int = 10_000
    steps: int = 400_000
    values: int = 400_000_000
    elements: int = 64
    level: float = 0.999
    seed: int = 0

    def shared(self, claims: int, elements: int) -> "Budget":
        """The budget of one of many: what a mechanism's claims cost together is bounded, however many it has."""
        share = -(-claims // _WHOLE) * -(-min(elements, self.elements) // _WHOLE)
        counts = {name: max(1, getattr(self, name) // share) for name in ("boxes", "work", "points", "steps", "values")}
        return self if share <= 1 else replace(self, **counts)


DEFAULT = Budget()
