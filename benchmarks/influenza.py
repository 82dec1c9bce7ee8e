"""The outbreak of the template `influenza`: every number of its page, by `python -m benchmarks.influenza`.

Latent variables of this world are deterministic given the rates. So the density of the counts given rates is that of
the counts about the trajectory that the world's own simulator makes, and nothing of the model is written down twice.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import minimize
from torch import Tensor

from benchmarks.worlds import constant_rule, quantiles, template, value_of, write_results
from policy.task import Parameters
from policy.world_task import WorldTask
from worldmodel.grounding.ground import ground
from worldmodel.inference.fit import Posterior, Settings, fit, generator_for
from worldmodel.readings.log_density import constants, log_prior
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_log_prob
from worldmodel.simulation.simulate import simulate
from worldmodel.templates.influenza_data import IN_BED, IN_BED_BY_MURRAY
from worldmodel.world import World

BOYS = 763.0
NAMES = ("transmission.contacts", "recovery.rate", "bed_count.surplus")
Points = Float[Tensor, "draws dimension"]
Days = NDArray[np.float64]


def rates(contacts: float, rate: float, surplus: float = 0.1) -> dict[str, Tensor]:
    """One draw of the world's three parameters."""
    return dict(zip(NAMES, torch.tensor([[contacts], [rate], [surplus]], dtype=torch.float64), strict=True))


def infected(world: World, natural: Mapping[str, Tensor], days: int = 14) -> Float[Tensor, "draws day"]:
    """The infected by day for each draw of the rates, by the world's own simulator without isolation."""
    parameters = {name: natural[name].reshape(-1, 1) for name in NAMES}
    draws = len(natural[NAMES[0]])
    return simulate(world, None, days, draws, 1, 1, keep=["infected"], parameters=parameters).values["infected"][:, 0]


def by_differential_equations(contacts: float, rate: float, days: int = 14) -> Days:
    """The infected at the end of each day of the SIR equations, to nine digits."""

    def slope(_time: float, state: Days) -> list[float]:
        new = contacts * state[0] * state[1] / BOYS
        return [-new, new - rate * state[1]]

    solved = solve_ivp(slope, (0, days), [762, 1], t_eval=np.arange(1, days + 1), rtol=1e-10, atol=1e-9)
    return np.asarray(solved.y[1])


def by_daily_euler_steps(contacts: float, rate: float, days: int = 14) -> Days:
    """The same by one explicit step a day, which is what a first sketch would do."""
    susceptible, ill, seen = 762.0, 1.0, []
    for _ in range(days):
        new = contacts * susceptible * ill / BOYS
        susceptible, ill = susceptible - new, ill + new - rate * ill
        seen.append(ill)
    return np.array(seen)


def posterior_density(world: World) -> Callable[[Points], Float[Tensor, " draws"]]:
    """Log prior and log density of the fourteen counts, over the logarithms of the three parameters."""
    counts = torch.tensor(IN_BED, dtype=torch.float64)
    bed_count = ground(world).mechanisms["bed_count"]

    def density(points: Points) -> Float[Tensor, " draws"]:
        natural = {name: points[:, place].exp() for place, name in enumerate(NAMES)}
        total = points.sum(1)
        for name in NAMES:
            mechanism, _, own = name.partition(".")
            total = total + log_prior(ground(world).mechanisms[mechanism], {own: natural[name]})
        ill = infected(world, natural)
        named = {**constants(bed_count), "surplus": natural[NAMES[2]].unsqueeze(-1)}
        environment = Environment(lambda name: named[name], lambda _name, _lag: ill, lambda _name: ill)
        return total + law_log_prob(bed_count.law, environment, counts).sum(-1)

    return density


def posterior(world: World, draws: int = 2000) -> Posterior:
    """What the fourteen counts say of the three parameters."""
    start = torch.log(torch.tensor([[2.0, 0.45, 0.1], [1.5, 0.6, 0.2]], dtype=torch.float64))
    return fit(posterior_density(world), start, generator_for("influenza"), Settings(draws=draws, starts=2))


def least_squares(curve: Callable[[float, float], Days], counts: Sequence[int]) -> tuple[float, float]:
    """The contacts and recoveries a day whose curve is nearest to the counts."""

    def loss(logs: Days) -> float:
        contacts, rate = np.exp(logs)
        return float(((curve(contacts, rate) - np.array(counts)) ** 2).sum())

    contacts, rate = np.exp(minimize(loss, np.log([1.5, 0.5]), method="Nelder-Mead", options={"maxfev": 120}).x)
    return float(contacts), float(rate)


def by_the_world(world: World) -> Callable[[float, float], Days]:
    """The world's daily step as a curve."""
    return lambda contacts, rate: infected(world, rates(contacts, rate))[0].numpy()


def steps(world: World) -> dict[str, object]:
    """How far a daily step is from the differential equations, at the published rates, in boys."""
    exact = by_differential_equations(1.73, 0.54)
    curves = {"halves": by_the_world(world)(1.73, 0.54), "Euler": by_daily_euler_steps(1.73, 0.54)}
    far = {name: round(float(np.abs(curve - exact).max()), 1) for name, curve in curves.items()}
    return {"peak": round(float(exact.max()), 1), **far}


def by_least_squares(world: World) -> dict[str, object]:
    """Contacts, recoveries and their ratio by step and by reading of the chart."""
    curves = {"equations": by_differential_equations, "halves": by_the_world(world), "Euler": by_daily_euler_steps}
    readings = {"Murray's reading": IN_BED_BY_MURRAY, "the counts here": IN_BED}
    answers = {}
    for name, curve in curves.items():
        for reading, counts in readings.items():
            contacts, rate = least_squares(curve, counts)
            answers[f"{name}, {reading}"] = [round(number, 3) for number in (contacts, rate, contacts / rate)]
    return answers


def learned(found: Posterior, draws: Points) -> dict[str, object]:
    """The posterior in words that were published: means, standard deviations, correlation, reproduction number."""
    contacts, rate, surplus = draws.T
    both = torch.corrcoef(draws[:, :2].log().T)[0, 1]
    return {
        "contacts": [round(float(contacts.mean()), 3), round(float(contacts.std()), 3)],
        "recoveries": [round(float(rate.mean()), 3), round(float(rate.std()), 3)],
        "surplus": [round(float(surplus.mean()), 3), round(float(surplus.std()), 3)],
        "reproduction number": [round(float((contacts / rate).mean()), 3), round(float((contacts / rate).std()), 3)],
        "reproduction number, 5, 50, 95 percent": quantiles(contacts / rate, 2),
        "correlation of contacts and recoveries": round(float(both), 2),
        "k-hat": None if found.k_hat is None else round(found.k_hat, 2),
    }


def isolations(world: World, draws: Points) -> dict[str, object]:
    """What rules of isolation do, with rates from the posterior."""
    task = WorldTask(world)
    given = {name: draws[:1000, place : place + 1] for place, name in enumerate(NAMES)}
    parameters = Parameters(given, 1000)
    levels = {
        f"isolation {level:g}": value_of(task, constant_rule(level), parameters) for level in (0.3, 0.5, 0.7, 0.9)
    }
    return {rule: value_of(task, rule, parameters) for rule in task.references} | levels


def main() -> None:
    """Computes everything, prints it and writes it down."""
    torch.set_num_threads(1)
    with template("influenza") as (_folder, world):
        found = posterior(world, 8000)
        draws = found.resample(8000, generator_for("draws")).exp()
        answers = {
            "steps": steps(world),
            "least squares": by_least_squares(world),
            "posterior": learned(found, draws),
            "rules": isolations(world, draws),
        }
    write_results("influenza", answers)


if __name__ == "__main__":
    main()
