"""Corners where a name could mean two things, or a text be one thing to the checker and another when written out."""

import pytest

from tests.worldmodel.surface_worlds import HEAD, mechanism, variable, world_from
from worldmodel.errors import InputError
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Number
from worldmodel.simulation.simulate import simulate

SETS = '[indices]\nregion = ["north", "south"]\nage = ["young", "old"]\n'
TIMED = HEAD + 'step = "day"\n' + SETS
FIRST = TIMED + '[tables.first]\nby = ["region"]\nrows = [1, 2]\nwhy = "for a test"\n'
REGION, PAIRS = 'over = ["region"]', 'over = ["region", "region"]'
HERE = '[let.here]\nvalue = "if a == north then south else a"\nwhy = "for a test"\n'
KEY = '[let.k]\nvalue = "if a == north then 1 else 0"\nwhy = "for a test"\n'


def parameter(name: str, prior: str, over: str = "") -> str:
    return f'[parameters.{name}]\nprior = "{prior}"\nwhy = "for a test"\n{over}\n'


def small(law: str, extra: str = "", *, over: str = "", assigns: str = "x", initial: str = "0", head: str = TIMED):
    return {
        "world.toml": head,
        "variables/x.toml": variable("x", extra=over, initial=f'["{initial}"]' if initial else ""),
        "mechanisms/x.toml": mechanism("x", law, extra, assigns=assigns),
    }


BETA = parameter("beta", "Normal(0, 1)", REGION)
AB = parameter("beta", "Normal(first[region], 1)", PAIRS)
REFUSED = {
    "an element as the index of `assigns`": (
        small("Normal(x[north, t-1], 1)", over=REGION, assigns="x[north]"), "wrong-index", "assigns"),
    "another set as the index of `assigns`": (
        small("Normal(0, 1)", over='over = ["region", "age"]', assigns="x[age, region]"), "wrong-index", "assigns"),
    "an element as the index of a sum": (
        small("Normal(sum(k * x[north, t-1] over north), 1)", KEY, over=REGION, assigns="x[a]"), "wrong-index", "law"),
    "a parameter at a binding": (
        small("Normal(beta[here], 1)", BETA + HERE, over=REGION, assigns="x[a]"), "wrong-index", "law"),
    "a parameter at a choice": (
        small("Normal(beta[if a == north then south else a], 1)", BETA, over=REGION, assigns="x[a]"),
        "wrong-index", "law"),
    "one name for both places of a prior": (
        small("Normal(beta[a, b], 1)", AB, over=PAIRS, assigns="x[a, b]", head=FIRST),
        "wrong-index", "parameters.beta.prior"),
    "one name for both places of an initial law": (
        small("Normal(0, 1)", over=PAIRS, assigns="x[a, b]", initial="first[region]", head=FIRST),
        "wrong-index", "initial.0"),
    "an initial law with a part that has no tails": (
        small("Normal(0, 1)", initial="Truncated(Gamma(1, 1), 0, 1)"), "wrong-kind", "initial"),
    "an initial law of two kinds": (
        small("Normal(0, 1)", initial="Mixture(1, Poisson(3), 1, Normal(0, 1))"), "wrong-kind", "initial"),
    "an initial law of another kind than the support": (
        small("Normal(0, 1)", initial="Poisson(3)"), "wrong-kind", "initial"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_mean_two_things_is_refused(name: str) -> None:
    files, code, part = REFUSED[name]
    with pytest.raises(InputError) as caught:
        world_from(files)
    assert (code, part) in {(problem.code, problem.part) for problem in caught.value.problems}


def test_an_initial_law_has_one_probability_for_each_value() -> None:
    files = small("Categorical(0.5, 0.5)")
    files["variables/x.toml"] = variable(
        "x", support='kind = "finite"\nvalues = ["dry", "wet"]', initial='["Categorical(0.2, 0.3, 0.5)"]'
    )
    with pytest.raises(InputError) as caught:
        world_from(files)
    assert [(problem.code, problem.part) for problem in caught.value.problems] == [("wrong-kind", "initial")]


def test_a_prior_reads_tables_at_named_values() -> None:
    head = TIMED + '[tables.centre]\nby = ["sky"]\nrows = { clear = 1, grey = 2 }\nwhy = "for a test"\n'
    sky = variable("sky", support='kind = "finite"\nvalues = ["clear", "grey"]', initial='["clear"]')
    files = small("Normal(b, 1)", parameter("b", "Normal(centre[grey], 1)"), head=head)
    files |= {"variables/sky.toml": sky, "mechanisms/sky.toml": mechanism("sky", "Categorical(0.5, 0.5)")}
    assert ground(world_from(files)).mechanisms["x"].priors["b"].arguments == (Number(2.0), Number(1.0))
    files["mechanisms/x.toml"] = files["mechanisms/x.toml"].replace("centre[grey]", "centre[(1 + 1)]")
    with pytest.raises(InputError, match="wrong-kind"):
        world_from(files)


def test_rivals_that_are_both_dirichlet_have_weights_of_their_own() -> None:
    head = TIMED + "[rivals.share]\nfew = 0.5\nsame = 0.5\n"
    files = {
        "world.toml": head,
        "variables/share.toml": variable("share", extra=REGION, initial='["0.5"]'),
        "mechanisms/few.toml": mechanism("few", "Dirichlet(0.01)", assigns="share[a]"),
        "mechanisms/same.toml": mechanism("same", "Dirichlet(1e6)", assigns="share[a]"),
    }
    run = simulate(world_from(files), None, 1, 400)
    north, same = run.values["share[north]"][:, 0, 0], run.rivals["share[north]"][:, 0] == 1
    assert 100 < same.sum() < 300
    assert (north[same] - 0.5).abs().max() < 0.01
    assert (north[~same] - 0.5).abs().median() > 0.45


def test_a_dirichlet_law_is_for_real_states() -> None:
    for found, wanted in (('role = "state"', 'role = "action"'), ('kind = "real"', 'kind = "integer"')):
        files = small("Dirichlet(1)", over=REGION)
        files["variables/x.toml"] = files["variables/x.toml"].replace(found, wanted)
        with pytest.raises(InputError) as caught:
            world_from(files)
        assert ("wrong-kind", "law") in {(problem.code, problem.part) for problem in caught.value.problems}


def test_a_rule_of_a_static_world_sees_nothing() -> None:
    files = small("Normal(3, 1)", initial="", head=HEAD)
    files["variables/u.toml"] = variable("u", initial="").replace('"state"', '"action"')
    files["mechanisms/u.toml"] = mechanism("u", "2 * x")
    with pytest.raises(InputError, match="rule-sees-present"):
        world_from(files)
    files["mechanisms/u.toml"] = mechanism("u", "2")
    assert (simulate(world_from(files), None, 1, 3).values["u"] == 2).all()
