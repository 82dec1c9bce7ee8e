"""What was found, in sentences: comparisons of numbers that the commands computed, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

Facts = Mapping[str, Any]

TAUGHT_LITTLE = 0.5  # of the prior's variance gone: the sd is still over 70 % of what it was
POLICY = "policy"
AFFINE = "affine"
HISTORY = "historical_rule"
BASELINES = {"prior": "what was believed before", "random_walk": "a random walk", "autoregression": "an autoregression"}


def number(value: float) -> str:
    """A number as the report prints it."""
    return f"{value:.3g}"


def share(value: float) -> str:
    """A share as the report prints it."""
    return f"{value:.1%}"


def rounded_share(value: float) -> str:
    """A share in whole percent, which says all or none only where it is so."""
    if 0 < value < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= value < 1 else f"{value:.0%}"


def list_of(words: list[str]) -> str:
    """Words as a list in a sentence.

    >>> list_of(["one", "two", "three"])
    'one, two and three'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def settled(evidence: Facts) -> Iterator[str]:
    """Which of the rivals the data favour, and whether that is more than chance."""
    for variable, rivals in (evidence.get("rivals") or {}).items():
        first = max(rivals, key=lambda name: rivals[name]["weight"])
        lead = rivals[first]["lead_over_best_other"]
        weights = list_of([f"{name} with weight {number(entry['weight'])}" for name, entry in rivals.items()])
        clear = lead["nats"] > 2 * lead["error"]
        held = rivals[first]["forecasts_held_out"]["steps"]
        steps = held + rivals[first]["forecasts_within_fit_part"]["steps"]
        yield (
            f"What moves {variable} is {'told apart by' if clear else 'not settled by'} these data: as a forecaster, "
            f"{first} leads by {number(lead['nats'])} ± {number(lead['error'])} nats "
            f"over {steps} steps, the {held} held-out ones among them. "
            f"Each simulated trajectory draws one of the rivals: {weights}."
        )


def learned(evidence: Facts) -> Iterator[str]:
    """What learning was worth on the held-out part, mechanism by mechanism."""
    for name, entry in evidence["mechanisms"].items():
        scores = entry.get("scores")
        if scores is None:
            continue
        verdicts = {baseline: _verdict(scores["model_over"][baseline]) for baseline in BASELINES}
        parts = [f"{verdicts[baseline]} {words}" for baseline, words in BASELINES.items()]
        yield f"{name}, on {scores['steps']} held-out steps: {list_of(parts)}."


def taught_little(evidence: Facts) -> list[str]:
    """The parameters about which the data said little, as `mechanism.parameter`."""
    return [
        f"{mechanism}.{parameter}"
        for mechanism, entry in evidence["mechanisms"].items()
        for parameter, reading in entry["parameters"].items()
        if reading["contraction"] < TAUGHT_LITTLE
    ]


def misfits(evidence: Facts) -> Iterator[str]:
    """Where replicated series do not look like the observed one."""
    for name, entry in evidence["mechanisms"].items():
        wrong = [check for check, reading in entry["checks"].items() if not 0.025 <= reading["p"] <= 0.975]
        if wrong:
            yield f"Series that {name} replicates differ from the observed one in {list_of(wrong)}."


def gains(evaluation: Facts) -> Iterator[str]:
    """Who gains and who loses by the policy, against each rule of the world; and what a share of draws means."""
    for reference, differences in evaluation["differences"][POLICY].items():
        if reference == AFFINE:
            continue
        parts = [
            f"{_stakeholder(name)} {_direction(entry)}" for name, entry in differences.items() if name != "aggregate"
        ]
        yield f"Against {reference}: {list_of(parts)}."
    yield f"Better in a share of draws: by the mean of the {evaluation['batch']} trajectories of each parameter draw."


def affine(evaluation: Facts) -> str:
    """What the readable rule gives up against the network, or does not, by the aggregate of the stakeholders."""
    entry = evaluation["differences"][POLICY][AFFINE]["aggregate"]
    mean, (lower, upper) = entry["mean"], entry["interval"]
    where = "In the aggregate of all stakeholders, on the same draws,"
    if lower > 0:
        return f"{where} the affine rule gives up {number(mean)} (95 %: {number(lower)} to {number(upper)})."
    if upper < 0:
        return f"{where} the affine rule does better, by {number(-mean)} (95 %: {number(-upper)} to {number(-lower)})."
    return f"{where} no difference from the affine rule was found ({number(lower)} to {number(upper)})."


def floors(evaluation: Facts) -> Iterator[str]:
    """How often the policy broke each floor, with the exact bound, and whether that settles it."""
    for name, entry in evaluation["rules"][POLICY]["floors"].items():
        yield (
            f"The policy broke {name} in {entry['events']} of {entry['trials']} independent draws; in at most "
            f"{share(entry['bounds'][1])} of trajectories at 95 % confidence, where {share(entry['allowed'])} is "
            f"allowed: {floor_verdict(entry)}."
        )


def floor_verdict(entry: Facts) -> str:
    """Whether the bounds settle that a floor is kept."""
    lower, upper = entry["bounds"]
    if upper <= entry["allowed"]:
        return "kept"
    return "broken" if lower > entry["allowed"] else "undecided"


def _verdict(gain: Facts) -> str:
    if gain["gain"] > 2 * gain["error"]:
        return "better than"
    return "worse than" if gain["gain"] < -2 * gain["error"] else "no different from"


def _direction(entry: Facts) -> str:
    lower, upper = entry["interval"]
    if lower > 0 or upper < 0:
        word = "gain" if lower > 0 else "lose"
        return f"{word} {number(abs(entry['mean']))} (better in {rounded_share(entry['better_share'])} of draws)"
    return "see no clear difference"


def _stakeholder(name: str) -> str:
    return name.replace("_", " ")
