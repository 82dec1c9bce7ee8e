"""The world of the kernel's benchmark: eight states, three actions, five noises, 29 parameters, six kinds of function.

Beside it the same world by hand in NumPy and in torch. All draw their noise from their library's own generator.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.build import build_world
from worldmodel.world import World

LAWS = {
    "demand": "Normal(c1 * demand[t-1] + c2 * tanh(income[t-1]) - c3 * rate[t], s1)",
    "income": "Normal(i1 * income[t-1] + i2 * max(demand[t], 0) + i3, s2)",
    "prices": "LogNormal(p1 * log(prices[t-1]) + p2 * demand[t], s3)",
    "stock": "max(stock[t-1] + k1 * (income[t] - demand[t]), 0) * k2",
    "debt": "debt[t-1] * d1 + d2 * sqrt(abs(stock[t])) + d3 * spending[t]",
    "mood": "Normal(tanh(m1 * mood[t-1] + m2 * debt[t-1]), s4)",
    "wage": "Normal(w1 * wage[t-1] + w2 * exp(-abs(mood[t])), s5)",
    "output": "o1 * wage[t] / (1 + prices[t]) + o2 * income[t-1] - o3 * debt[t]",
    "rate.rate_rule": "r1 * log(prices[t-1]) + r2 * demand[t-1]",
    "spending.spending_rule": "g1 * output[t-1] + g2 * mood[t-1]",
    "tax.tax_rule": "0.1 * income[t-1]",
}
NAMES = {
    "demand": "c1 c2 c3 s1",
    "income": "i1 i2 i3 s2",
    "prices": "p1 p2 s3",
    "stock": "k1 k2",
    "debt": "d1 d2 d3",
    "mood": "m1 m2 s4",
    "wage": "w1 w2 s5",
    "output": "o1 o2 o3",
    "rate_rule": "r1 r2",
    "spending_rule": "g1 g2",
}
ACTIONS = ("rate", "spending", "tax")
RULES = ("rate_rule", "spending_rule", "tax_rule")
PARAMETERS = tuple(f"{mechanism}.{name}" for mechanism, names in NAMES.items() for name in names.split())
STATES = ("demand", "income", "prices", "stock", "debt", "mood", "wage", "output")
HORIZON = 40


def world_of(laws: Mapping[str, str], parameters: Mapping[str, str], actions: tuple[str, ...] = ()) -> World:
    """A world without units; a law's key is "variable" or "variable.mechanism", a prior's "mechanism.parameter"."""
    assigned = {key: (key.split(".")[0], key.split(".")[-1]) for key in laws}
    components: dict[str, dict[str, object]] = {
        "world.toml": {"format": 1, "language": 1, "name": "bench", "summary": "bench", "step": "day"}
    }
    for name in sorted({variable for variable, _ in assigned.values()}):
        components[f"variables/{name}.toml"] = {
            "format": 1,
            "id": name,
            "title": name,
            "meaning": name,
            "unit": "1",
            "role": "action" if name in actions else "state",
            "support": {"kind": "real"},
            "initial": ["Delta(1)" if name == "prices" else "Delta(0)"],
        }
    for key, (variable, mechanism) in assigned.items():
        own = {name.split(".")[1]: prior for name, prior in parameters.items() if name.split(".")[0] == mechanism}
        components[f"mechanisms/{mechanism}.toml"] = {
            "format": 1,
            "id": mechanism,
            "assigns": variable,
            "title": mechanism,
            "law": laws[key],
            "parameters": {name: {"prior": prior, "why": "a benchmark"} for name, prior in own.items()},
        }
    return build_world(components)


def benchmark_world() -> World:
    """The world of eight states."""
    priors = {name: "HalfNormal(0.2)" if ".s" in name else "Uniform(0.1, 0.5)" for name in PARAMETERS}
    return world_of(LAWS, priors, ACTIONS)


def by_numpy(parameters: NDArray[np.float64], horizon: int, seed: int) -> NDArray[np.float64]:
    """The last output of every trajectory, with arrays of trajectories and NumPy's generator."""
    c1, c2, c3, s1, i1, i2, i3, s2, p1, p2, s3, k1, k2, d1, d2, d3 = parameters[:16]
    m1, m2, s4, w1, w2, s5, o1, o2, o3, r1, r2, g1, g2 = parameters[16:]
    random, size = np.random.default_rng(seed), parameters.shape[1]
    demand, income, stock, debt, mood, wage, output = np.zeros((7, size))
    prices = np.ones(size)
    for _ in range(horizon):
        rate = r1 * np.log(prices) + r2 * demand
        spending = g1 * output + g2 * mood
        income_before, debt_before = income, debt
        demand = c1 * demand + c2 * np.tanh(income) - c3 * rate + s1 * random.standard_normal(size)
        income = i1 * income + i2 * np.maximum(demand, 0) + i3 + s2 * random.standard_normal(size)
        prices = np.exp(p1 * np.log(prices) + p2 * demand + s3 * random.standard_normal(size))
        stock = np.maximum(stock + k1 * (income - demand), 0) * k2
        debt = debt * d1 + d2 * np.sqrt(np.abs(stock)) + d3 * spending
        mood = np.tanh(m1 * mood + m2 * debt_before) + s4 * random.standard_normal(size)
        wage = w1 * wage + w2 * np.exp(-np.abs(mood)) + s5 * random.standard_normal(size)
        output = o1 * wage / (1 + prices) + o2 * income_before - o3 * debt
    return output


def by_torch(parameters: Tensor, horizon: int, seed: int) -> Tensor:
    """The same with torch, as one writes it: float64, its own generator, no gradients."""
    c1, c2, c3, s1, i1, i2, i3, s2, p1, p2, s3, k1, k2, d1, d2, d3 = parameters[:16]
    m1, m2, s4, w1, w2, s5, o1, o2, o3, r1, r2, g1, g2 = parameters[16:]
    random, size = torch.Generator().manual_seed(seed), parameters.shape[1]
    demand, income, stock, debt, mood, wage, output = torch.zeros(7, size, dtype=torch.float64)
    prices = torch.ones(size, dtype=torch.float64)

    def normal() -> Tensor:
        return torch.randn(size, dtype=torch.float64, generator=random)

    for _ in range(horizon):
        rate = r1 * torch.log(prices) + r2 * demand
        spending = g1 * output + g2 * mood
        income_before, debt_before = income, debt
        demand = c1 * demand + c2 * torch.tanh(income) - c3 * rate + s1 * normal()
        income = i1 * income + i2 * torch.clamp(demand, min=0) + i3 + s2 * normal()
        prices = torch.exp(p1 * torch.log(prices) + p2 * demand + s3 * normal())
        stock = torch.clamp(stock + k1 * (income - demand), min=0) * k2
        debt = debt * d1 + d2 * torch.sqrt(torch.abs(stock)) + d3 * spending
        mood = torch.tanh(m1 * mood + m2 * debt_before) + s4 * normal()
        wage = w1 * wage + w2 * torch.exp(-torch.abs(mood)) + s5 * normal()
        output = o1 * wage / (1 + prices) + o2 * income_before - o3 * debt
    return output
