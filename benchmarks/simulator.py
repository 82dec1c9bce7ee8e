"""The torch simulator against the same world written by hand in NumPy: environment steps per CPU second.

The world is the template us-macro from its priors, under Taylor's rule, forty quarters. The hand-written version draws
its noise from NumPy's own generator, knows no supports, no gradients and no common random numbers; medians of both
agree within sampling error, or the run fails. Run as `python -m benchmarks.simulator`; writes
`benchmarks/results/simulator.json`.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from worldmodel.build import build_world
from worldmodel.files import parse_toml
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.simulate import simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.templates import template_files
from worldmodel.world import World

RESULTS = Path(__file__).parent / "results" / "simulator.json"
HORIZON, SIZES, REPEATS = 40, (256, 4096, 65536), 3
Column = NDArray[np.float64]


def by_hand(parameters: Mapping[str, Column], seed: int) -> dict[str, Column]:
    """Forty quarters of every trajectory; each has parameters of its own."""
    p, random = parameters, np.random.default_rng(seed)
    size = len(p["phillips_curve.slope"])
    full = np.full
    inflation = [full(size, value) for value in (3.40, 1.94, 2.95, 1.97)]
    rate = [full(size, value) for value in (4.75, 4.54, 4.39, 4.38, 4.49, 4.98)]
    real = [full(size, 2.546441), full(size, 2.298790)]
    unemployment = [full(size, 4.2), full(size, 4.3)]
    expected, natural, slack = full(size, 2.203559), full(size, 5.906562), full(size, -1.706562)
    consumption = full(size, 26004.0)
    saving = random.random(size) < 0.5
    for _ in range(HORIZON):
        chosen = np.clip(4 + 1.5 * (sum(inflation) / 4 - 2) - slack, 0, 20)
        expected = 0.125 * inflation[0] + 0.875 * expected
        mean = p["phillips_curve.inertia"] * inflation[0] + (1 - p["phillips_curve.inertia"]) * expected
        mean = mean - p["phillips_curve.slope"] * slack
        now = mean + p["phillips_curve.noise"] * random.standard_t(5, size)
        drift = unemployment[0] - unemployment[1]
        effects = (
            p["investment_saving.effect"] * (real[1] - p["investment_saving.neutral"]),
            p["tightening.effect"] * (rate[1] - rate[5]),
        )
        laws = zip(("investment_saving", "tightening"), effects, strict=True)
        levels = [
            np.maximum(2, unemployment[0] + p[f"{law}.momentum"] * drift - p[f"{law}.pull"] * slack + effect)
            for law, effect in laws
        ]
        spread = np.where(saving, p["investment_saving.noise"], p["tightening.noise"])
        jobless = np.where(saving, *levels) * np.exp(spread * random.standard_normal(size))
        natural = 0.03 * unemployment[0] + 0.97 * natural
        change = jobless - unemployment[0]
        growth = p["consumption_growth.trend"] - p["consumption_growth.okun"] * change
        growth = growth + p["consumption_growth.noise"] * random.standard_t(5, size)
        consumption = consumption * (1 + growth * 0.25 / 100)
        slack = jobless - natural
        inflation, rate, real = [now, *inflation[:3]], [chosen, *rate[:5]], [chosen - expected, real[0]]
        unemployment = [jobless, unemployment[0]]
    return {"inflation": inflation[0], "unemployment": unemployment[0], "rate": rate[0], "consumption": consumption}


def ours(simulator: Simulator, parameters: Mapping[str, torch.Tensor], size: int, seed: int) -> dict[str, Column]:
    """The same with the simulator."""
    with torch.no_grad():
        run = simulate(simulator, "taylor_rule", HORIZON, size, 1, seed, parameters=parameters)
    names = ("inflation", "unemployment", "rate", "consumption")
    return {name: run.values[name][:, 0, -1].numpy() for name in names}


def steps_per_second(run: Callable[[int], object], size: int) -> float:
    """The best of a few runs, in environment steps per CPU second."""
    times = []
    for repeat in range(REPEATS):
        begin = time.process_time()
        run(repeat)
        times.append(time.process_time() - begin)
    return size * HORIZON / min(times)


def agreement(one: Mapping[str, Column], two: Mapping[str, Column]) -> dict[str, float]:
    """How far the medians of each variable lie apart, in standard errors.

    Quantiles, since tails of priors are heavy.
    """
    apart = {}
    for name, left in one.items():
        right = two[name]
        width = np.subtract(*np.quantile(left, [0.75, 0.25])) / 1.349
        error = 1.2533 * width * np.sqrt(1 / len(left) + 1 / len(right))
        apart[name] = round(float((np.median(left) - np.median(right)) / error), 2)
    return apart


def template() -> World:
    files = template_files("us-macro")
    return build_world(
        {
            path: parse_toml(path, data)
            for path, data in files.items()
            if path.endswith(".toml") and "governance" not in path
        }
    )


def main() -> None:
    torch.set_num_threads(1)
    world = template()
    simulator = Simulator(world)
    found: dict[str, object] = {}
    for size in SIZES:
        parameters = draw_parameters(world, 1, size)
        columns = {name: value[:, 0].numpy() for name, value in parameters.items()}
        hand = steps_per_second(lambda seed: by_hand(columns, seed), size)  # noqa: B023
        own = steps_per_second(lambda seed: ours(simulator, parameters, size, seed), size)  # noqa: B023
        found[str(size)] = {
            "numpy by hand, steps/s": round(hand),
            "torch simulator, steps/s": round(own),
            "ratio": round(own / hand, 2),
        }
    apart = agreement(ours(simulator, parameters, SIZES[-1], 5), by_hand(columns, 6))
    assert max(map(abs, apart.values())) < 4, apart
    found["medians apart, in standard errors"] = apart
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
