"""What an evaluation found, as strict values that go to JSON, and in plain words that say no more than the numbers."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from policy.intervals import Interval


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Number(_Strict):
    """An estimate with its 95 % interval."""

    value: float
    interval: Interval


class StakeholderReading(_Strict):
    """A stakeholder's return: its mean, its median, and the central 90 % over parameter draws and noise."""

    mean: Number
    median: float
    predictive: Interval


class FloorReading(_Strict):
    """How often a floor was broken.

    Over all trajectories, and exactly bounded from one trajectory of each parameter draw.
    """

    stakeholder: str | None
    allowed: float
    broken: float
    events: int
    trials: int
    bounds: Interval

    @property
    def verdict(self) -> Literal["kept", "broken", "undecided"]:
        """Whether the share of broken trajectories is within what is allowed, at 95 % confidence either way."""
        if self.bounds.upper <= self.allowed:
            return "kept"
        return "broken" if self.bounds.lower > self.allowed else "undecided"


class RuleReading(_Strict):
    """How one rule did."""

    stakeholders: dict[str, StakeholderReading]
    objective: Number
    tail_mean: Number
    floors: dict[str, FloorReading]
    left_support: FloorReading
    left_support_draws: int


class Difference(_Strict):
    """A paired difference between two rules on the same parameters and noise; `better_share` is of parameter draws."""

    mean: float
    interval: Interval
    better_share: float


class EvaluationReport(_Strict):
    """The whole evaluation.

    `rivals` has each stakeholder's mean return where one rival mechanism is taken to be true.
    """

    format: Literal[1] = 1
    draws: int
    batch: int
    seed: int
    horizon: int
    tail: float
    rules: dict[str, RuleReading]
    differences: dict[str, dict[str, dict[str, Difference]]]
    rivals: dict[str, dict[str, dict[str, Number]]]


def words(report: EvaluationReport) -> Iterator[str]:
    """The findings as sentences."""
    yield (
        f"Every rule ran on the same {report.draws} fresh parameter draws × {report.batch} trajectories of "
        f"{report.horizon} steps; no seed among them was used in training."
    )
    for name, reading in report.rules.items():
        yield from _floor_words(name, reading)
    for name, against in report.differences.items():
        for reference, gains in against.items():
            yield _gain_words(name, reference, gains)
    if report.rivals:
        yield from _rival_words(report)


def _floor_words(name: str, reading: RuleReading) -> Iterator[str]:
    for floor, entry in reading.floors.items():
        verdict = {
            "kept": "so it keeps the floor",
            "broken": "so it does not keep the floor",
            "undecided": "which does not settle whether it keeps the floor",
        }[entry.verdict]
        yield (
            f"{name} broke {floor} in {entry.events} of {entry.trials} independent draws; at most "
            f"{entry.bounds.upper:.1%} of trajectories at 95 % confidence, {entry.allowed:.0%} allowed, {verdict}."
        )
    if reading.left_support.broken > 0:
        share = reading.left_support.broken
        yield f"{name} left the support of some variable in {share:.1%} of trajectories, which counts as a failure."


def _gain_words(name: str, reference: str, gains: dict[str, Difference]) -> str:
    parts = [f"{who} {_direction(entry)}" for who, entry in gains.items()]
    return f"{name} against {reference}, in utility over the horizon: " + "; ".join(parts) + "."


def _direction(entry: Difference) -> str:
    low, high = entry.interval
    if low > 0 or high < 0:
        word = "gains" if low > 0 else "loses"
        return (
            f"{word} {abs(entry.mean):.3g} (95 %: {low:.3g} to {high:.3g}; better in {entry.better_share:.0%} of draws)"
        )
    return f"no difference found ({low:.3g} to {high:.3g})"


def _rival_words(report: EvaluationReport) -> Iterator[str]:
    for label, rules in report.rivals.items():
        means = {name: sum(entry.value for entry in stakeholders.values()) for name, stakeholders in rules.items()}
        best = max(means, key=lambda name: means[name])
        yield f"If {label} is true, {best} has the highest sum of mean returns, {means[best]:.4g}."
