"""Circles among names that stand for each other: variables within a step, bindings, hierarchical priors."""

from collections.abc import Iterator, Mapping


def each_cycle(inputs: Mapping[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """Cycles without a common variable, each in the order of computation; every cycle meets one of these."""
    done: set[str] = set()
    for root in inputs:
        trail = {} if root in done else {root: iter(inputs[root])}
        while trail:
            before = next(next(reversed(trail.values())), None)
            if before is None:
                done.add(trail.popitem()[0])
            elif before in trail:
                cycle = [trail.popitem()[0]]
                while cycle[-1] != before:
                    cycle.append(trail.popitem()[0])
                done.update(cycle)
                yield cycle
            elif before not in done:
                trail[before] = iter(inputs[before])
