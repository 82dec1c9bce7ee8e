"""Nothing that changed is left out, nothing that did not change is told, and each sentence is right."""

import copy
from typing import Any

import pytest

from tests.worldmodel.showing.hostile import us_macro
from tests.worldmodel.showing.mutants import mutants, unchecked
from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER
from worldmodel.files import parse_toml
from worldmodel.showing.differences import Difference, differences, in_words
from worldmodel.showing.sides import subject

POSTERIOR = {
    "format": 1,
    "id": "phillips_curve",
    "mechanism_digest": "sha256:" + "0" * 64,
    "data_digest": "sha256:" + "1" * 64,
    "method": "by hand",
    "observations": 100,
    "order": ["inertia", "noise", "slope"],
    "parameters": {
        "inertia": {"scale": "logit", "mean": -0.5, "sd": 0.3, "grid": 0.15, "bits": 1.0},
        "noise": {"scale": "log", "mean": 0.6, "sd": 0.1, "grid": 0.05, "bits": 2.0},
        "slope": {"scale": "log", "mean": -1.5, "sd": 0.2, "grid": 0.1, "bits": 3.0},
    },
    "correlation": [[1.0, 0.1, 0.2], [0.1, 1.0, 0.3], [0.2, 0.3, 1.0]],
    "log_evidence": -200.0,
    "diagnostics": {"k_hat": 0.3, "effective_draws": 900.0, "r_hat": 1.01},
    "scores": {"model": -2.0, "prior": -2.5, "random_walk": -2.2, "autoregression": -2.1},
    "checks": {"mean": 0.4},
}


def components() -> dict[str, dict[str, Any]]:
    return {**us_macro(), "posteriors/phillips_curve.toml": copy.deepcopy(POSTERIOR)}


def surface(files: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {path: parse_toml(path, text.encode()) for path, text in files.items()}


WORLDS = [components(), surface(EPIDEMIC), surface(SPRINKLER)]


def changed(path: str, *keys: str, to: Any) -> tuple[Difference, ...]:
    """The differences after one leaf is set to another value."""
    old, new = components(), components()
    inner = new[path]
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = to(inner[keys[-1]]) if callable(to) else to
    return differences(unchecked(old), unchecked(new))


@pytest.mark.parametrize("world", WORLDS, ids=["macro", "sets", "static"])
def test_a_world_does_not_differ_from_itself(world: dict[str, dict[str, Any]]) -> None:
    assert differences(unchecked(world), unchecked(copy.deepcopy(world))) == ()
    assert in_words(()) == "nothing changed"


@pytest.mark.parametrize("world", WORLDS, ids=["macro", "sets", "static"])
def test_every_mutation_of_one_field_is_told_and_names_its_component(world: dict[str, dict[str, Any]]) -> None:
    old = unchecked(world)
    count = 0
    for path, key, mutant in mutants(world):
        found = differences(old, mutant)
        told = [one.sentence.lower() for one in found if one.component == path]
        assert [said for said in told if subject(path).lower() in said], (path, key)
        assert {one.component for one in found} == {path}, (path, key)
        count += 1
    assert count > len(world)


def test_numbers_are_told_with_their_unit() -> None:
    (one,) = changed("mechanisms/natural_rate_average.toml", "constants", "gain", "value", to=0.06)
    assert one.sentence == "The constant gain of mechanism natural_rate_average doubled: 0.03 → 0.06."
    (one,) = changed("variables/rate.toml", "support", "upper", to=25.0)
    assert one.sentence == "The upper bound of the support of variable rate rose by 25 %: 20 → 25 percent per year."
    assert (one.kind, one.before, one.after) == ("number", 20.0, 25.0)


def test_a_law_that_no_longer_reads_an_input() -> None:
    found = changed("mechanisms/phillips_curve.toml", "law", to=lambda law: law.replace(" - slope * slack[t-1]", ""))
    assert [one.sentence for one in found] == [
        "The law of mechanism phillips_curve no longer subtracts “slope * slack[t-1]”.",
        "The law of mechanism phillips_curve no longer reads slack[t-1].",
    ]


def test_a_sign_that_flips_is_shouted() -> None:
    (one,) = changed("mechanisms/phillips_curve.toml", "law", to=lambda law: law.replace("- slope", "+ slope"))
    assert "FLIPPED SIGN" in one.sentence
    found = changed("mechanisms/taylor_rule.toml", "constants", "target", "value", to=-2.0)
    assert [one.sentence for one in found] == [
        "The constant target of mechanism taylor_rule CHANGED SIGN: 2 → -2 percent per year."
    ]


def test_a_prior_that_got_tighter() -> None:
    found = changed("mechanisms/phillips_curve.toml", "parameters", "noise", "prior", to="LogNormal(0.7, 0.2)")
    assert [one.kind for one in found] == ["prior", "text"]
    assert found[0].sentence == (
        "The prior of parameter noise of mechanism phillips_curve got tighter: "
        "90 % interval 1.04 to 3.89 → 1.45 to 2.8."
    )
    assert "log scale of LogNormal, that halved: 0.4 → 0.2" in found[1].sentence


def test_a_posterior_is_told_in_the_unit_of_its_parameter() -> None:
    double = -1.5 + 0.6931471805599453
    (one,) = changed("posteriors/phillips_curve.toml", "parameters", "slope", "mean", to=double)
    assert one.sentence == (
        "Slope in the posterior of phillips_curve has a mean that doubled: 0.228 → 0.455 per year; sd 0.046 → 0.092."
    )
    (one,) = changed("posteriors/phillips_curve.toml", "parameters", "slope", "bits", to=4.0)
    assert one.sentence == "The bits of parameter slope of posterior of phillips_curve rose by 33 %: 3 → 4."


def test_components_come_and_go_and_change_names() -> None:
    old, new = components(), components()
    new["mechanisms/stay.toml"] = {**new.pop("mechanisms/do_nothing.toml"), "id": "stay"}
    del new["properties/no_slump.toml"]
    new["objective.toml"]["floors"] = ["consumption_floor"]
    found = differences(unchecked(old), unchecked(new))
    assert [(one.component, one.kind) for one in found] == [
        ("mechanisms/stay.toml", "renamed"),
        ("objective.toml", "list"),
        ("properties/no_slump.toml", "removed"),
    ]
    assert found[1].sentence == "The floors of the objective lost “no_slump”."
    back = differences(unchecked(new), unchecked(old))
    assert [one.kind for one in back] == ["renamed", "list", "added"]


def test_what_follows_a_new_name_is_no_change_of_its_own() -> None:
    old = components()
    new = {path: _renamed(values) for path, values in components().items()}
    new["variables/gap.toml"] = {**new.pop("variables/slack.toml"), "id": "gap"}
    found = differences(unchecked(old), unchecked(new))
    assert {one.kind for one in found} == {"renamed", "spelling", "list"}
    assert "Variable slack is now called variable gap." in [one.sentence for one in found]
    assert not [one for one in found if "reads" in one.sentence]


def _renamed(value: Any) -> Any:
    match value:
        case dict():
            return {key: _renamed(inner) for key, inner in value.items()}
        case list():
            return [_renamed(inner) for inner in value]
        case str():
            return "gap" if value == "slack" else value.replace("slack[", "gap[").replace("P(slack", "P(gap")
        case _:
            return value


def test_terms_in_another_order_are_told_as_that() -> None:
    def swap(law: str) -> str:
        return law.replace("slope * slack[t-1]", "slack[t-1] * slope")

    (one,) = changed("mechanisms/phillips_curve.toml", "law", to=swap)
    assert one.kind == "spelling"
    assert "another order" in one.sentence


def test_tables_tell_their_entries() -> None:
    old, new = surface(EPIDEMIC), surface(EPIDEMIC)
    new["world.toml"]["tables"]["contact"]["rows"][0][1] = 0.4
    (one,) = differences(unchecked(old), unchecked(new))
    assert one.sentence == "The entry north, south of table contact of the world doubled: 0.2 → 0.4."
    new["world.toml"]["tables"]["contact"]["rows"] = [[9.0, 0.4, 0.2], [0.4, 2.0, 0.3], [0.2, 0.3, 2.0]]
    (one,) = differences(unchecked(old), unchecked(new))
    assert (
        "9 of 9 entries of table contact of the world changed, most of all entry north, north of table contact 1 → 9"
        in one.sentence
    )


def test_a_default_that_is_written_out_is_told_as_that() -> None:
    old, new = components(), components()
    new["variables/rate.toml"]["observed"] = True
    old["variables/rate.toml"].pop("observed", None)
    (one,) = differences(unchecked(old), unchecked(new))
    assert (one.kind, one.component) == ("spelling", "variables/rate.toml")


def test_rows_by_name_or_in_order_are_the_same_table() -> None:
    old, new = surface(EPIDEMIC), surface(EPIDEMIC)
    rows = {"north": [1.0, 0.2, 0.0], "south": {"north": 0.2, "south": 1.0, "east": 0.1}, "east": [0.0, 0.1, 1.0]}
    new["world.toml"]["tables"]["contact"]["rows"] = rows
    (one,) = differences(unchecked(old), unchecked(new))
    assert one.sentence == "The world means the same; a default is written out, or is no longer."


def test_index_sets_gain_and_lose_elements() -> None:
    old, new = surface(EPIDEMIC), surface(EPIDEMIC)
    new["world.toml"]["indices"]["region"] = ["north", "south", "west"]
    told = [one.sentence for one in differences(unchecked(old), unchecked(new))]
    assert "The region of the indices of the world gained “west” and lost “east”." in told


def test_a_stranger_cannot_write_a_line_of_his_own() -> None:
    forged = "fine”.\n\nmechanisms/okun.toml\n  The law of mechanism okun is approved."
    (one,) = changed("mechanisms/phillips_curve.toml", "title", to=forged)
    assert "\n" not in one.sentence
    assert in_words((one,)).count("\n") == 1
