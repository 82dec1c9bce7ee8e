"""The sentences of the report say what the numbers say, and change when they change."""

from typing import Any

import pytest

from worldmodel.demo import words


def rivalry(nats: float, error: float) -> dict[str, Any]:
    steps = {"forecasts_within_fit_part": {"steps": 110}, "forecasts_held_out": {"steps": 40}}
    entry = {"weight": 0.6, "lead_over_best_other": {"nats": nats, "error": error}, **steps}
    other = {"weight": 0.4, "lead_over_best_other": {"nats": -nats, "error": error}, **steps}
    return {"rivals": {"unemployment": {"tightening": entry, "investment_saving": other}}}


def test_a_lead_within_chance_is_called_unsettled() -> None:
    (sentence,) = words.settled(rivalry(1.1, 3.5))
    assert "not settled" in sentence
    assert "tightening leads by 1.1 ± 3.5 nats" in sentence
    assert "investment_saving with weight 0.4" in sentence
    assert "over 150 steps, the 40 held-out ones among them" in sentence


def test_a_clear_lead_is_called_so() -> None:
    (sentence,) = words.settled(rivalry(9.0, 3.0))
    assert "told apart" in sentence


def test_a_world_without_rivals_has_nothing_to_settle() -> None:
    assert list(words.settled({})) == []


@pytest.mark.parametrize(
    ("gain", "error", "word"), [(0.3, 0.1, "better than"), (-0.3, 0.1, "worse than"), (0.1, 0.1, "no different from")]
)
def test_learning_is_judged_against_its_error(gain: float, error: float, word: str) -> None:
    over = {baseline: {"gain": gain, "error": error} for baseline in words.BASELINES}
    evidence = {"mechanisms": {"phillips_curve": {"scores": {"steps": 40, "model_over": over}}}}
    (sentence,) = words.learned(evidence)
    assert sentence.startswith("phillips_curve, on 40 held-out steps")
    assert sentence.count(word) == 3


def test_parameters_that_hardly_moved_are_named() -> None:
    parameters = {"effect": {"contraction": 0.2}, "noise": {"contraction": 0.95}}
    assert words.taught_little({"mechanisms": {"curve": {"parameters": parameters}}}) == ["curve.effect"]


def test_a_statistic_in_the_tail_is_a_misfit() -> None:
    checks = {"mean": {"p": 0.5}, "skewness": {"p": 0.999}, "sd": {"p": 0.01}}
    (sentence,) = words.misfits({"mechanisms": {"curve": {"checks": checks}}})
    assert "skewness and sd" in sentence
    assert "mean" not in sentence


def test_gains_losses_and_ties_are_told_apart() -> None:
    def difference(mean: float, lower: float, upper: float) -> dict[str, Any]:
        return {"mean": mean, "interval": [lower, upper], "better_share": 0.9}

    against = {
        "savers": difference(-1.0, -1.5, -0.5),
        "wage_earners": difference(1.0, 0.5, 1.5),
        "borrowers": difference(0.1, -0.5, 0.7),
        "aggregate": difference(5.0, 4.0, 6.0),
    }
    sentence, meaning = words.gains({"batch": 4, "differences": {"policy": {"historical_rule": against}}})
    assert "4 trajectories" in meaning
    assert "savers lose 1" in sentence
    assert "wage earners gain 1" in sentence
    assert "borrowers see no clear difference" in sentence
    assert "aggregate" not in sentence


@pytest.mark.parametrize(("bounds", "verdict"), [([0, 0.2], "kept"), ([0.4, 0.5], "broken"), ([0.2, 0.4], "undecided")])
def test_a_floor_is_settled_only_by_its_bounds(bounds: list[float], verdict: str) -> None:
    assert words.floor_verdict({"allowed": 0.35, "bounds": bounds}) == verdict


@pytest.mark.parametrize(
    ("part", "text"), [(0.9963, "over 99%"), (1.0, "100%"), (0.93, "93%"), (0.004, "under 1%"), (0.0, "0%")]
)
def test_all_and_none_are_said_only_of_all_and_none(part: float, text: str) -> None:
    assert words.rounded_share(part) == text


def test_how_often_a_floor_broke_is_counted_in_the_draws_that_bound_it() -> None:
    floor = {"broken": 0.012, "events": 5, "trials": 1000, "bounds": [0.002, 0.0105], "allowed": 0.03}
    (sentence,) = words.floors({"rules": {"policy": {"floors": {"no_slump": floor}}}})
    assert "in 5 of 1000 independent draws" in sentence
    assert "at most 1.1%" in sentence
    assert "1.2%" not in sentence


@pytest.mark.parametrize(
    ("mean", "interval", "text"),
    [
        (0.5, [0.4, 0.6], "the affine rule gives up 0.5 (95 %: 0.4 to 0.6)"),
        (-0.5, [-0.6, -0.4], "the affine rule does better, by 0.5 (95 %: 0.4 to 0.6)"),
        (0.1, [-0.4, 0.6], "no difference from the affine rule was found (-0.4 to 0.6)"),
    ],
)
def test_what_the_affine_rule_gives_up_is_what_was_measured(mean: float, interval: list[float], text: str) -> None:
    aggregate = {"mean": mean, "interval": interval, "better_share": 0.7}
    assert text in words.affine({"differences": {"policy": {"affine": {"aggregate": aggregate}}}})
