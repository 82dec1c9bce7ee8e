"""A family of variables is learned as one: shared, single and pooled parameters from the series of all elements."""

import numpy as np
import torch

from assistants.parameters.learn import learn, target_for
from assistants.parameters.observations import Observations
from assistants.parameters.posterior import posterior_file
from assistants.parameters.toml import posterior_text
from tests.worldmodel.surface_worlds import HEAD, mechanism, variable, world_from
from worldmodel.build import build_world
from worldmodel.checks.posteriors import check_posteriors
from worldmodel.files import parse_toml
from worldmodel.grounding.ground import ground
from worldmodel.simulation.draws import draw_parameters
from worldmodel.world import World

ELEMENTS = ("north", "south", "east", "west")
FILES = {
    "world.toml": HEAD + f'step = "day"\n[indices]\nregion = {list(ELEMENTS)}\n'.replace("'", '"'),
    "variables/level.toml": variable("level", extra='over = ["region"]'),
    "mechanisms/level.toml": mechanism(
        "level",
        "Normal(keep * level[region, t-1] + shift[region], noise)",
        """
[parameters.keep]
prior = "Beta(2, 2)"
why = "how much stays, the same everywhere"
[parameters.shift]
prior = "Normal(centre, spread)"
over = ["region"]
why = "regions differ, and have something in common"
[parameters.centre]
prior = "Normal(0, 2)"
why = "what they have in common"
[parameters.spread]
prior = "HalfNormal(1)"
why = "how much they differ"
[parameters.noise]
prior = "HalfNormal(1)"
why = "the rest"
""",
    ),
}
TRUE_SHIFTS = {"north": 0.5, "south": 0.8, "east": 1.1, "west": 0.7}


def observed(rows: int = 160) -> Observations:
    generator = np.random.Generator(np.random.Philox(5))
    series = {}
    for name in ELEMENTS:
        values = [0.0]
        for _ in range(rows - 1):
            values.append(0.6 * values[-1] + TRUE_SHIFTS[name] + 0.3 * generator.standard_normal())
        series[f"level[{name}]"] = torch.tensor(values, dtype=torch.float64)
    return Observations(series, rows - 40, "sha256:" + "0" * 64)


def test_a_family_is_learned_from_all_its_series_and_its_posterior_is_accepted() -> None:
    world = world_from(FILES)
    first, *others = (one for one in ground(world).mechanisms.values())
    learned = learn(first, observed(), siblings=others)
    assert learned.observations == 4 * 119
    assert learned.scores is not None
    assert learned.scores.steps == 4 * 40
    assert set(learned.checks.by_name) >= {f"mean[{name}]" for name in ELEMENTS}
    natural = {name: values.mean().item() for name, values in learned.target.natural(learned.kept).items()}
    assert abs(natural["keep"] - 0.6) < 0.05
    assert abs(natural["noise"] - 0.3) < 0.03
    for name, shift in TRUE_SHIFTS.items():
        assert abs(natural[f"shift[{name}]"] - shift) < 0.15
    file = posterior_file(world, learned)
    text = posterior_text(file)
    files = {path: parse_toml(path, content.encode()) for path, content in FILES.items()}
    again = build_world({**files, "posteriors/level.toml": parse_toml("posteriors/level.toml", text.encode())})
    assert list(check_posteriors_of(again)) == []
    drawn = draw_parameters(again, 0, 4000)
    assert abs(drawn["level.shift[east]"].mean().item() - natural["shift[east]"]) < 0.05
    assert all(entry.bits > 0 for name, entry in file.parameters.items() if name.startswith("shift"))


def check_posteriors_of(world: World) -> list[str]:
    from worldmodel.checks.draft import Draft

    draft = Draft(world.header, world.variables, world.mechanisms, world.posteriors, {}, None, {}, world.digests)
    return [str(problem) for problem in check_posteriors(draft)]


def test_the_density_of_a_family_is_the_sum_of_its_elements() -> None:
    """The pooled prior counted once, by hand."""
    world = world_from(FILES)
    first, *others = (one for one in ground(world).mechanisms.values())
    seen = observed(60)
    whole, alone = target_for(first, seen, siblings=others), target_for(first, seen)
    generator = np.random.Generator(np.random.Philox(1))
    points = whole.prior_draws(5, generator)
    rest = sum(
        target_for(other, seen).log_density(points)
        - alone.log_density(points)
        + alone._likelihood(alone.natural(points))
        for other in others
    )
    assert torch.allclose(whole.log_density(points), alone.log_density(points) + rest)
    natural = alone.natural(points)
    normal = torch.distributions.Normal
    prior = sum(normal(natural["centre"], natural["spread"]).log_prob(natural[f"shift[{name}]"]) for name in ELEMENTS)
    prior = prior + normal(0, 2).log_prob(natural["centre"])
    column = {name: points[:, index] for index, name in enumerate(alone.names)}
    for name in ("spread", "noise"):
        prior = prior + torch.distributions.HalfNormal(1.0).log_prob(natural[name]) + column[name]
    keep = natural["keep"]
    prior = prior + torch.distributions.Beta(2.0, 2.0).log_prob(keep) + torch.log(keep * (1 - keep))
    assert torch.allclose(alone.log_density(points) - alone._likelihood(natural), prior)
