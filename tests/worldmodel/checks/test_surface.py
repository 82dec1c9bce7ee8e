"""What is wrong with index sets, tables, bindings, named values and laws of laws is told, where it is."""

import pytest

from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER
from worldmodel.build import check_files

SPREAD, WEATHER, WORLD = "mechanisms/spread.toml", "mechanisms/weather.toml", "world.toml"
GRASS, RAIN = "mechanisms/grass.toml", "mechanisms/rain.toml"

EPIDEMIC_CASES = [
    (SPREAD, "infected[b, t-1]", "infected[week, t-1]", "wrong-index", "let.pressure.value"),
    (SPREAD, "infected[b, t-1]", "infected[t-1]", "wrong-index", "let.pressure.value"),
    (SPREAD, "infected[b, t-1]", "infected[west, t-1]", "wrong-index", "let.pressure.value"),
    (SPREAD, "over b)", "over a)", "wrong-index", "let.pressure.value"),
    (SPREAD, "over b)", "over b, c)", "wrong-index", "let.pressure.value"),
    (SPREAD, "contact[a, b]", "contact[a]", "wrong-index", "let.pressure.value"),
    (SPREAD, "contact[a, b]", "contact[a, dry]", "wrong-index", "let.pressure.value"),
    (SPREAD, "beta[a]", "beta", "wrong-index", "let.growth.value"),
    (SPREAD, "a == north", "a == dry", "wrong-kind", "let.growth.value"),
    (SPREAD, "a == north", "a < north", "wrong-kind", "let.growth.value"),
    (SPREAD, "damp[weather[t-1]]", "weather[t-1]", "wrong-kind", "let.growth.value"),
    (SPREAD, "damp[weather[t-1]]", "damp[total[t-1]]", "wrong-kind", "let.growth.value"),
    (SPREAD, "damp[weather[t-1]]", "damp[a]", "wrong-index", "let.growth.value"),
    (SPREAD, "infected[a]", "infected", "unknown-name", "let.pressure.value"),
    (SPREAD, "infected[a]", "infected[a, b]", "wrong-index", "assigns"),
    (SPREAD, 'over = ["region"]', 'over = ["county"]', "unknown-name", "parameters.beta.over"),
    (SPREAD, "LogNormal(centre, 0.2)", "LogNormal(beta, 0.2)", "unknown-name", "parameters.beta.prior"),
    (SPREAD, "Normal(0, 0.3)", "Normal(noise, beta[north])", "circular-names", "parameters.beta"),
    (SPREAD, "LogNormal(centre, 0.2)", "Uniform(0, centre)", "bad-prior", "parameters.beta.prior"),
    (SPREAD, "/ population", "/ population * growth * 0 + pressure", "circular-names", "let.pressure"),
    (SPREAD, "dry = 1.2, wet = 0.8", "dry = 1.2", "bad-table", "tables.damp.rows"),
    (SPREAD, "dry = 1.2, wet = 0.8", "dry = 1.2, wet = [0.5, 0.5]", "bad-table", "tables.damp.rows"),
    (SPREAD, 'by = ["weather"]', 'by = ["climate"]', "bad-table", "tables.damp.by"),
    (SPREAD, "[tables.damp]", "[tables.contact]", "name-taken", "contact"),
    (SPREAD, "[let.growth]", "[let.centre]", "name-taken", "centre"),
    (SPREAD, "log(1 + growth * pressure)", "log(1 + growth)", "unused-name", "pressure"),
    (WEATHER, "dry = [0.8, 0.2]", "dry = [0.8, 0.3]", "bad-table", "tables.next.rows.dry"),
    (WEATHER, "dry = [0.8, 0.2]", "dry = [0.8, 0.1, 0.1]", "bad-table", "tables.next.rows"),
    (WEATHER, "Categorical(next[weather[t-1]])", "Normal(0, 1)", "wrong-kind", "law"),
    (WEATHER, "Categorical(next[weather[t-1]])", "Categorical(0.2, 0.3, 0.5)", "wrong-kind", "law"),
    (WEATHER, "Categorical(next[weather[t-1]])", "Bernoulli(next[weather[t-1]])", "wrong-kind", "law"),
    (WEATHER, "Categorical(next[weather[t-1]])", "if weather[t-1] == dry then wet else north", "wrong-kind", "law"),
    (WORLD, '"north", "south", "east"', '"north", "south", "north"', "name-taken", "indices.region"),
    (WORLD, "[constants.population]", "[constants.sum]", "name-taken", "sum"),
    ("variables/infected.toml", "first[region]", "first[weather]", "wrong-index", "initial.0"),
    (WEATHER, "Categorical(next[weather[t-1]])", "Categorical(weather[t-1])", "wrong-kind", "law"),
    ("properties/small.toml", "infected[r]", "infected[r, t-1] + dry", "wrong-kind", "property"),
]
STATIC_CASES = [
    (GRASS, "wet[rain, sprinkler]", "wet[rain[t-1], sprinkler]", "no-time", "law"),
    (GRASS, "wet[rain, sprinkler]", "wet[rain, t]", "no-time", "law"),
    (GRASS, "wet[rain, sprinkler]", "wet[sprinkler, rain]", "wrong-kind", "law"),
    (RAIN, "Categorical(0.8, 0.2)", "Bernoulli(if grass == wet then 0.1 else 0.2)", "cyclic-graph", "law"),
    (RAIN, "Categorical(0.8, 0.2)", "Bernoulli(if yes == no then 0.1 else 0.2)", "wrong-kind", "law"),
    ("variables/rain.toml", 'role = "state"', 'role = "state"\ninitial = ["Delta(0)"]', "no-time", "initial"),
]
LAWS = [
    ("Truncated(StudentT(3, 0, 1), 0, 1)", "wrong-kind"),
    ("Truncated(Normal(0, 1), 2, 1)", "out-of-domain"),
    ("Mixture(0.5, Normal(0, 1), 0.5, Poisson(1))", "wrong-kind"),
    ("Mixture(0.5, Normal(0, -1), 0.5, Normal(0, 1))", "out-of-domain"),
    ("Mixture(0.5, Delta(1), 0.5, Normal(0, 1))", "wrong-kind"),
    ("ZeroInflated(0.5, Poisson(2))", "wrong-kind"),
    ("Normal(0, contact[north, east])", "out-of-domain"),
    ("Dirichlet(2)", "wrong-kind"),
]


def problems(files: dict[str, str]) -> list[tuple[str, str, str]]:
    found = check_files({path: text.encode() for path, text in files.items()})
    return [(problem.code, problem.where, problem.part) for problem in found]


@pytest.mark.parametrize("files", [EPIDEMIC, SPRINKLER])
def test_the_worlds_themselves_are_right(files: dict[str, str]) -> None:
    assert problems(files) == []


@pytest.mark.parametrize(("path", "old", "new", "code", "part"), EPIDEMIC_CASES)
def test_each_fault_of_a_family_has_its_error(path: str, old: str, new: str, code: str, part: str) -> None:
    assert old in EPIDEMIC[path]
    assert (code, path, part) in problems({**EPIDEMIC, path: EPIDEMIC[path].replace(old, new, 1)})


@pytest.mark.parametrize(("path", "old", "new", "code", "part"), STATIC_CASES)
def test_each_fault_of_a_static_world_has_its_error(path: str, old: str, new: str, code: str, part: str) -> None:
    assert old in SPRINKLER[path]
    found = problems({**SPRINKLER, path: SPRINKLER[path].replace(old, new, 1)})
    assert (code, part) in [(code, part) for code, _, part in found]


@pytest.mark.parametrize(("law", "code"), LAWS)
def test_laws_of_laws_that_cannot_be(law: str, code: str) -> None:
    path = "mechanisms/total.toml"
    text = EPIDEMIC[path].replace("sum(infected[r, t] over r)", law)
    assert (code, path, "law") in problems({**EPIDEMIC, path: text})


def test_a_text_that_grows_beyond_all_bounds_is_refused_unwritten() -> None:
    """Thirty bindings that each read the last one twice, and a sum over nine index sets."""
    total = EPIDEMIC["mechanisms/total.toml"]
    steps = "[let.b0]\nvalue = 'total[t-1]'\nwhy = 'x'\n"
    steps += "".join(f"[let.b{n}]\nvalue = 'b{n - 1} * b{n - 1}'\nwhy = 'x'\n" for n in range(1, 30))
    bomb = {**EPIDEMIC, "mechanisms/total.toml": total.replace("sum(infected[r, t] over r)", "b29") + steps}
    assert ("too-large", "mechanisms/total.toml", "law") in problems(bomb)
    indices = [f"r{n}" for n in range(11)]
    reads = " + ".join(f"infected[{index}, t]" for index in indices)
    wide = total.replace("sum(infected[r, t] over r)", f"sum({reads} over {', '.join(indices)})")
    assert problems({**EPIDEMIC, "mechanisms/total.toml": wide})[0] == ("too-large", "mechanisms/total.toml", "law")


def test_a_latent_state_needs_a_measurement_somewhere_down_the_way() -> None:
    """The weather drives who falls ill, which is observed; an unobserved total has no one to tell of it."""
    hidden = EPIDEMIC["variables/weather.toml"].replace('role = "state"', 'role = "state"\nobserved = false')
    assert problems({**EPIDEMIC, "variables/weather.toml": hidden}) == []
    unseen = EPIDEMIC["variables/total.toml"].replace('role = "state"', 'role = "state"\nobserved = false')
    assert problems({**EPIDEMIC, "variables/total.toml": unseen}) == []
    noisy = "Normal(sum(infected[r, t] over r), 1)"
    law = EPIDEMIC["mechanisms/total.toml"].replace("sum(infected[r, t] over r)", noisy)
    chance = {**EPIDEMIC, "mechanisms/total.toml": law, "variables/total.toml": unseen}
    assert problems(chance) == [("latent-not-measured", "variables/total.toml", "observed")]
    outcome = unseen.replace('role = "state"', 'role = "outcome"')
    assert problems({**chance, "variables/total.toml": outcome}) == []


def test_an_index_set_may_say_what_its_elements_are() -> None:
    header = EPIDEMIC["world.toml"]
    listed = 'region = ["north", "south", "east"]\n'
    assert listed in header
    table = "[indices.region]\nelements = ['north', 'south', 'east']\nwhy = 'as the census draws them'\n"
    documented = header.replace("[indices]\n" + listed, table)
    assert problems({**EPIDEMIC, "world.toml": documented}) == []
    empty = header.replace(listed, "region = []\n")
    assert ("bad-value", "world.toml") in [found[:2] for found in problems({**EPIDEMIC, "world.toml": empty})]


def test_texts_that_nobody_would_read_to_the_end_are_refused_before_they_are_parsed() -> None:
    term = " + ".join(["total[t-1]"] * 250)
    bindings = "".join(f"[let.b{n}]\nvalue = '{term}'\nwhy = 'x'\n" for n in range(6))
    law = EPIDEMIC["mechanisms/total.toml"].replace("sum(infected[r, t] over r)", "b0 + b1 + b2 + b3 + b4 + b5")
    files = {**EPIDEMIC, "mechanisms/total.toml": law + bindings}
    assert problems(files)[0] == ("too-large", "mechanisms/total.toml", "")
