"""The generated kernel against what people write by hand, and how its cost grows: one core, CPU time, medians.

Every peer simulates the same world of eight states (`benchmarks.kernel_world`) for forty steps with parameters of its
own for each trajectory. They take turns, and a ratio is formed within each turn: a busy computer slows all.
Medians of the last output agree within sampling error, or the run fails. Run as `python -m benchmarks.kernel`
with numba installed (`pip install numba==0.68.1`); writes `benchmarks/results/kernel.json`.
"""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyro
import pyro.distributions as dist
import torch
from pyro.infer import Predictive
from torch import Tensor

from benchmarks.kernel_world import HORIZON, PARAMETERS, RULES, benchmark_world, by_numpy, by_torch, world_of
from worldmodel.grounding.ground import ground
from worldmodel.kernel import cache, native
from worldmodel.kernel.module import Direction, module_text
from worldmodel.kernel.naming import lags, texts
from worldmodel.kernel.plan import plan, supports
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, prepare, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

RESULTS = Path(__file__).parent / "results" / "kernel.json"
TURNS = 9
_AT_LEAST = 0.005
Run = Callable[[int], Any]


def by_pyro(parameters: Tensor, horizon: int, seed: int) -> Tensor:
    """The same in Pyro: one plate of trajectories, forward by `Predictive`."""
    c1, c2, c3, s1, i1, i2, i3, s2, p1, p2, s3, k1, k2, d1, d2, d3 = parameters[:16]
    m1, m2, s4, w1, w2, s5, o1, o2, o3, r1, r2, g1, g2 = parameters[16:]
    size = parameters.shape[1]

    def model() -> Tensor:
        demand, income, stock, debt, mood, wage, output = torch.zeros(7, size, dtype=torch.float64)
        prices = torch.ones(size, dtype=torch.float64)
        with pyro.plate("trajectories", size):
            for t in range(horizon):
                rate, spending = r1 * prices.log() + r2 * demand, g1 * output + g2 * mood
                income_before, debt_before = income, debt
                mean = c1 * demand + c2 * income.tanh() - c3 * rate
                demand = pyro.sample(f"demand_{t}", dist.Normal(mean, s1))
                income = pyro.sample(f"income_{t}", dist.Normal(i1 * income + i2 * demand.clamp(min=0) + i3, s2))
                prices = pyro.sample(f"prices_{t}", dist.LogNormal(p1 * prices.log() + p2 * demand, s3))
                stock = (stock + k1 * (income - demand)).clamp(min=0) * k2
                debt = debt * d1 + d2 * stock.abs().sqrt() + d3 * spending
                mood = pyro.sample(f"mood_{t}", dist.Normal((m1 * mood + m2 * debt_before).tanh(), s4))
                wage = pyro.sample(f"wage_{t}", dist.Normal(w1 * wage + w2 * (-mood.abs()).exp(), s5))
                output = o1 * wage / (1 + prices) + o2 * income_before - o3 * debt
        return pyro.deterministic("output", output)

    pyro.set_rng_seed(seed)
    with pyro.validation_enabled(False):
        return Predictive(model, num_samples=1, return_sites=("output",))()["output"].flatten()


def runs(world: World, size: int, fused: FusedSimulator, numba: bool) -> dict[str, Run]:
    """Each peer as a function of the seed, which answers the last output of every trajectory."""
    parameters = draw_parameters(world, 1, size)
    rows = torch.stack([parameters[name][:, 0] for name in PARAMETERS])
    columns, reference = rows.numpy(), Simulator(world)

    ready = {
        name: prepare(simulator, RULES, HORIZON, size, keep=("output",), parameters=parameters)
        for name, simulator in {"kernel": fused, "torch backend": reference}.items()
    }

    def anew(seed: int) -> Trajectories:
        return simulate(fused, RULES, HORIZON, size, 1, seed, parameters=parameters, keep=("output",))

    def last(run: Trajectories) -> Tensor:
        return run.values["output"][:, 0, -1]

    found: dict[str, Run] = {
        "kernel": lambda seed: last(ready["kernel"](seed)),
        "kernel, nothing prepared": lambda seed: last(anew(seed)),
        "torch backend": lambda seed: last(ready["torch backend"](seed)),
        "torch by hand": lambda seed: by_torch(rows, HORIZON, seed),
        "NumPy by hand": lambda seed: by_numpy(columns, HORIZON, seed),
        "Pyro Predictive": lambda seed: by_pyro(rows, HORIZON, seed),
    }
    if numba:
        from benchmarks import kernel_numba as peers  # noqa: PLC0415

        found["Numba, hash"] = lambda seed: peers.with_hash(columns, HORIZON, seed)
        found["Numba, Philox 4x32"] = lambda seed: peers.with_philox32(columns, HORIZON, seed)
        found["Numba, Philox 4x64"] = lambda seed: peers.with_philox64(columns, HORIZON, seed)
    return found


def cpu(run: Callable[[], Any]) -> float:
    """CPU seconds of a run."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def cpu_of_one(run: Run, seed: int) -> float:
    """CPU seconds of a run: the mean of as many as take `_AT_LEAST`, so that a short one is not all cold caches."""
    taken: list[float] = []
    while sum(taken) < _AT_LEAST:
        taken.append(cpu(lambda: run(seed * 1000 + len(taken))))
    return sum(taken) / len(taken)


def compare(peers: Mapping[str, Run], size: int, turns: int) -> dict[str, Any]:
    """Medians over turns of each peer's time, and of its ratio to the kernel's in the same turn."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for run in peers.values():
        run(0)
    for turn in range(turns):
        for name, run in peers.items():
            times[name].append(cpu_of_one(run, turn))
    kernel = np.array(times["kernel"])
    return {
        name: {
            "ns per step": round(float(np.median(taken)) / size / HORIZON * 1e9, 2),
            "times the kernel's": round(float(np.median(np.array(taken) / kernel)), 2),
        }
        for name, taken in times.items()
    }


def agreement(peers: Mapping[str, Run]) -> dict[str, float]:
    """How far each peer's median lies from the kernel's, in standard errors."""
    ours, apart = np.asarray(peers["kernel"](100)), {}
    for place, (name, run) in enumerate(peers.items()):
        other = np.asarray(run(101 + place))
        width = float(np.subtract(*np.quantile(ours, [0.75, 0.25]))) / 1.349
        error = 1.2533 * width * np.sqrt(2 / len(ours))
        apart[name] = round(float(np.median(other) - np.median(ours)) / error, 2)
    return apart


def reverse_to_forward(world: World, size: int, turns: int) -> dict[str, float]:
    """CPU time of the reverse kernel over that of the forward one which keeps what reverse needs."""
    fused, ratios, forward = FusedSimulator(world), [], []
    drawn = draw_parameters(world, 1, size)
    for turn in range(turns):
        parameters = {name: value.requires_grad_() for name, value in drawn.items()}
        noise = Noise(turn)
        state = fused.init(parameters, noise, size, 1)
        held: list[Tensor] = []

        def ahead() -> None:
            _, series, _ = fused.rollout(state, RULES, HORIZON, parameters, noise, keep=("output",))  # noqa: B023
            held.append(series["output"].sum())  # noqa: B023

        taken = cpu(ahead)
        back = cpu(lambda: torch.autograd.grad(held[0], list(parameters.values())))  # noqa: B023
        ratios.append(back / taken)
        forward.append(taken)
    return {
        "reverse over forward": round(float(np.median(ratios[1:])), 2),
        "forward with keeping, ns per step": round(float(np.median(forward[1:])) / size / HORIZON * 1e9, 2),
    }


def graph_world(variables: int, edges: int) -> World:
    """A world of many variables, each reading some others of the step before and one of the same step."""
    draw = random.Random(variables * 1000 + edges)
    forms = ("tanh({})", "max({}, 0.1)", "exp(-abs({}))", "sqrt(1 + abs({}))", "{}")
    laws = {}
    for number in range(variables):
        terms = [f"0.{draw.randint(1, 3)} * x{draw.randrange(variables)}[t-1]" for _ in range(max(1, edges - 1))]
        terms += [f"0.1 * x{draw.randrange(number)}[t]"] if number else []
        body = forms[number % 5].format(" + ".join(terms))
        laws[f"x{number}"] = f"Normal({body} / {edges}, s)" if number % 8 < 5 else f"{body} / {edges}"
    return world_of(laws, {f"x{number}.s": "HalfNormal(0.1)" for number in range(variables) if number % 8 < 5})


def _forget() -> None:
    """As in a new process: nothing is known of any world's texts."""
    for known in (texts, lags, plan):
        known.cache_clear()


def _named(world: World) -> str:
    _forget()
    return plan(world).digest


def _from_the_cache(world: World) -> Any:
    """All that a warm start does once a world is read and grounded: choose the backend, plan, name, read and load."""
    _forget()
    assert supports(world) is None
    name = cache.key(FusedSimulator(world).program.plan.digest, "forward", "False")
    code = cache.read(name)
    assert code is not None, name
    return native.load(code, ("forward",))


def growth(variables: int, edges: int) -> dict[str, Any]:
    """Seconds to compile a world's kernels, to take them from the cache, and nanoseconds per variable and step."""
    world = ground(graph_world(variables, edges))
    found = plan(world)
    directions: tuple[Direction, ...] = ("forward", "reverse")
    begin = time.process_time()
    objects = [native.compile_text(module_text(found, way, False)) for way in directions]
    compiled = time.process_time() - begin
    loaded = cpu(lambda: [native.load(code, (way,)) for code, way in zip(objects, directions, strict=True)])
    named = cpu(lambda: _named(world))
    fused = FusedSimulator(world)
    fused.program.kernel("forward", settable=False)  # in the cache from here on
    warm = min(cpu(lambda: _from_the_cache(world)) for _ in range(3))
    size = max(256, 262144 // variables)
    parameters, noise = draw_parameters(world, 1, 1), Noise(1)
    state = fused.init(parameters, noise, 1, size)
    fused.rollout(state, (), HORIZON, parameters, noise)
    taken = min(cpu(lambda: fused.rollout(state, (), HORIZON, parameters, noise)) for _ in range(5))
    return {
        "compile both, CPU s": round(compiled, 2),
        "load both, CPU ms": round(loaded * 1e3, 1),
        "plan and name, CPU ms": round(named * 1e3, 1),
        "from a grounded world to a loaded kernel, CPU ms": round(warm * 1e3, 1),
        "ns per variable and step": round(taken / size / HORIZON / variables * 1e9, 2),
    }


def python_share(fused: FusedSimulator) -> dict[str, float]:
    """Microseconds of a run that is nothing but Python: one step of one trajectory; the least of many, of two kinds."""
    parameters = draw_parameters(fused.world, 1, 1)
    ready = prepare(fused, RULES, 1, 1, keep=("output",), parameters=parameters)

    def least(run: Run) -> float:
        taken = []
        for seed in range(5000):
            begin = time.perf_counter()
            run(seed)
            taken.append(time.perf_counter() - begin)
        return round(min(taken) * 1e6, 1)

    return {
        "prepared, us": least(ready),
        "simulate, us": least(
            lambda seed: simulate(fused, RULES, 1, 1, 1, seed, parameters=parameters, keep=("output",))
        ),
    }


def linearity(world: World) -> dict[str, Any]:
    """Nanoseconds per step as the batch and the horizon grow, where sums are kept and nothing else."""
    fused, found = FusedSimulator(world), {}
    for size, horizon in ((1024, 40), (16384, 40), (131072, 40), (1048576, 10), (1024, 400), (1024, 4000)):
        parameters, noise = draw_parameters(world, 1, 1), Noise(1)
        state = fused.init(parameters, noise, 1, size)
        weights = {"output": torch.ones(horizon, dtype=torch.float64)}
        taken = min(cpu(lambda: fused.totals(state, RULES, parameters, noise, weights)) for _ in range(3))  # noqa: B023
        found[f"{size} trajectories, {horizon} steps"] = {"ns per step": round(taken / size / horizon * 1e9, 2)}
    return found


def write(found: Mapping[str, Any]) -> None:
    """Keeps what has been measured so far, since a busy computer may not get to the end."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    world = benchmark_world()
    fused = FusedSimulator(world)
    large = runs(world, 16384, fused, numba=True)
    apart = agreement({name: run for name, run in large.items() if name != "Pyro Predictive"})
    assert max(map(abs, apart.values())) < 4, apart
    found: dict[str, Any] = {"load average": os.getloadavg(), "medians apart, in standard errors": apart}
    for name, measure in (
        ("16384 trajectories", lambda: compare(large, 16384, TURNS)),
        ("64 trajectories", lambda: compare(runs(world, 64, fused, numba=True), 64, 3 * TURNS)),
        ("Python alone", lambda: python_share(fused)),
        ("gradients", lambda: reverse_to_forward(world, 8192, TURNS)),
        ("linearity", lambda: linearity(world)),
    ):
        found[name] = measure()
        write(found)
    found["size"] = {}
    for variables, edges in ((8, 3), (128, 3), (512, 3), (128, 9), (1000, 10)):
        found["size"][f"{variables} variables, {edges} edges each"] = growth(variables, edges)
        write(found)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
