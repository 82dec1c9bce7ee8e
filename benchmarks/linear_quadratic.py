"""A linear-quadratic world whose exact optimum the Riccati recursion gives: the yardstick of trainers.

x[t] = A x[t−1] + B u[t] + w[t] with w ~ N(0, σ²), utility −(x'Qx + u'Ru) at each step; the policy sees x[t−1]. Six
states, two actions and forty steps, shaped like a small macroeconomic model: persistent states, weak and delayed
effects of the actions.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from policy.task import Outcome, Parameters, Requirement, Rule
from worldmodel.components.purpose import Aggregation, ObjectiveFile, Risk

STATES, ACTIONS, HORIZON, SIGMA = 6, 2, 40, 0.3


@dataclass(frozen=True)
class Matrices:
    """The numbers of the world."""

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    q: NDArray[np.float64]
    r: NDArray[np.float64]


def matrices(states: int = STATES, actions: int = ACTIONS) -> Matrices:
    """Fixed dynamics with spectral radius .97, and weights on states and actions."""
    random = np.random.Generator(np.random.Philox(7))
    mixed = np.diag(np.full(states, 0.8)) + 0.15 * random.standard_normal((states, states))
    a = 0.97 * mixed / np.abs(np.linalg.eigvals(mixed)).max()
    b = 0.5 * random.standard_normal((states, actions))
    return Matrices(a, b, np.diag([1.0, 1.0, 0.5, 0.5, 0.2, 0.2][:states]), np.diag(np.full(actions, 0.2)))


def objective(horizon: int = HORIZON, discount: float = 1.0) -> ObjectiveFile:
    """The plain mean of the one stakeholder's return."""
    return ObjectiveFile(
        format=1,
        horizon=horizon,
        discount=discount,
        aggregation=Aggregation(rule="utilitarian"),
        risk=Risk(measure="mean"),
        why="the objective of the linear-quadratic regulator",
    )


def riccati_gains(m: Matrices, horizon: int = HORIZON) -> list[NDArray[np.float64]]:
    """The optimal gain of each step, first step first: u[t] = −gain[t] x[t−1]."""
    ahead, gains = np.zeros_like(m.q), []
    for _ in range(horizon):
        s = m.q + ahead
        gain = np.linalg.solve(m.r + m.b.T @ s @ m.b, m.b.T @ s @ m.a)
        ahead = m.a.T @ s @ m.a - m.a.T @ s @ m.b @ gain
        gains.insert(0, gain)
    return gains


def riccati_return(m: Matrices, horizon: int = HORIZON) -> float:
    """The highest expected return from x[0] ~ N(0, I), over all policies, time-varying ones included."""
    ahead, constant = np.zeros_like(m.q), 0.0
    for _ in range(horizon):
        s = m.q + ahead
        gain = np.linalg.solve(m.r + m.b.T @ s @ m.b, m.b.T @ s @ m.a)
        constant += SIGMA**2 * np.trace(s)
        ahead = m.a.T @ s @ m.a - m.a.T @ s @ m.b @ gain
    return -float(np.trace(ahead) + constant)


def gain_return(m: Matrices, gain: NDArray[np.float64], horizon: int = HORIZON) -> float:
    """The exact expected return of the rule u = −gain · x; a gain of zero does nothing."""
    closed, covariance, total = m.a - m.b @ gain, np.eye(STATES), 0.0
    for _ in range(horizon):
        effort = np.trace(gain.T @ m.r @ gain @ covariance)
        covariance = closed @ covariance @ closed.T + SIGMA**2 * np.eye(STATES)
        total -= np.trace(m.q @ covariance) + effort
    return float(total)


@dataclass(frozen=True)
class LinearQuadraticTask:
    """The world as a `policy.task.Task`, in a dozen lines of torch of its own."""

    horizon: int = HORIZON
    lowest: float = -1.0
    requirements: tuple[Requirement, ...] = ()
    references: tuple[str, ...] = ()
    observations: tuple[str, ...] = tuple(f"x{i}" for i in range(STATES))
    actions: tuple[str, ...] = tuple(f"u{i}" for i in range(ACTIONS))
    stakeholders: tuple[str, ...] = ("everyone",)
    matrices: Matrices = field(default_factory=matrices)

    @property
    def bounds(self) -> tuple[Tensor, Tensor]:
        """No action has a bound."""
        ends = torch.full((ACTIONS,), torch.inf, dtype=torch.float64)
        return -ends, ends

    @property
    def objective(self) -> ObjectiveFile:
        """The plain mean."""
        return objective(self.horizon)

    def parameters(self, seed: int, draws: int) -> Parameters:
        """The world has no uncertain parameters."""
        return Parameters({}, draws)

    def run(self, rule: Rule | str, parameters: Parameters, seed: int, batch: int) -> Outcome:
        """Trajectories of a rule; the margin of the one possible floor is that x0 stays above `lowest`."""
        if isinstance(rule, str):
            raise KeyError(rule)
        generator = torch.Generator().manual_seed(seed)
        shape = (parameters.draws, batch, STATES)
        a, b, q, r = (torch.from_numpy(value) for value in vars(self.matrices).values())
        state = torch.randn(shape, generator=generator, dtype=torch.float64)
        states, actions, utilities = [], [], []
        for _ in range(self.horizon):
            action = rule(state)
            state = state @ a.T + action @ b.T + SIGMA * torch.randn(shape, generator=generator, dtype=torch.float64)
            states.append(state)
            actions.append(action)
            utilities.append(-((state**2) @ q.diagonal() + (action**2) @ r.diagonal()))
        return self._outcome(torch.stack(states, -1), torch.stack(actions, -1), torch.stack(utilities, -1))

    def _outcome(self, states: Tensor, actions: Tensor, utilities: Tensor) -> Outcome:
        margins = torch.stack(
            [(states[:, :, 0] - self.lowest).amin(-1) for _ in self.requirements] or [states[:, :, 0, 0]]
        )
        margins = margins[: len(self.requirements)]
        values = dict(zip(self.observations, states.unbind(2), strict=True))
        values |= dict(zip(self.actions, actions.unbind(2), strict=True))
        return Outcome(utilities[None], margins, margins >= 0, torch.ones(states.shape[:2], dtype=torch.bool), values)


def world_components(
    states: int = STATES, actions: int = ACTIONS, horizon: int = HORIZON, floor: float | None = None
) -> dict[str, dict[str, Any]]:
    """The same world as components, in the language; `floor` is the share of trajectories that keep x0 above −1.5."""
    m = matrices(states, actions)
    files: dict[str, dict[str, Any]] = {"world.toml": _header(actions)}
    for i in range(states):
        files[f"variables/x{i}.toml"] = _variable(f"x{i}", "state", "Normal(0, 1)")
        terms = [*(f"({m.a[i, j]}) * x{j}[t-1]" for j in range(states))]
        terms += [f"({m.b[i, k]}) * u{k}[t]" for k in range(actions)]
        files[f"mechanisms/motion{i}.toml"] = _mechanism(f"motion{i}", f"x{i}", f"Normal({' + '.join(terms)}, {SIGMA})")
    for k in range(actions):
        files[f"variables/u{k}.toml"] = _variable(f"u{k}", "action", "Delta(0)")
        files[f"mechanisms/nothing{k}.toml"] = _mechanism(f"nothing{k}", f"u{k}", "Delta(0)")
    squares = [f"{m.q[i, i]} * x{i}[t] ^ 2" for i in range(states)]
    squares += [f"{m.r[k, k]} * u{k}[t] ^ 2" for k in range(actions)]
    files["utilities/everyone.toml"] = _utility(f"-({' + '.join(squares)})")
    floors = [] if floor is None else ["high_enough"]
    if floor is not None:
        files["properties/high_enough.toml"] = _property(f"P(x0[t] >= -1.5 throughout {horizon}) >= {floor}")
    files["objective.toml"] = {
        "format": 1,
        "horizon": horizon,
        "discount": 1.0,
        "why": _WHY,
        "floors": floors,
        "aggregation": {"rule": "utilitarian"},
        "risk": {"measure": "mean"},
    }
    return files


_WHY = "a linear-quadratic world"


def _header(actions: int) -> dict[str, Any]:
    rivals = {f"u{k}": {f"nothing{k}": 1.0} for k in range(actions)}
    return {"format": 1, "language": 1, "name": "lq", "summary": _WHY, "step": "quarter", "rivals": rivals}


def _variable(name: str, role: str, initial: str) -> dict[str, Any]:
    described = {"title": name, "meaning": _WHY, "unit": "1", "role": role}
    return {"format": 1, "id": name, **described, "support": {"kind": "real"}, "initial": [initial]}


def _mechanism(name: str, assigns: str, law: str) -> dict[str, Any]:
    return {"format": 1, "id": name, "assigns": assigns, "title": name, "law": law}


def _utility(text: str) -> dict[str, Any]:
    named = {"id": "everyone", "stakeholder": "everyone", "title": "calm", "why": _WHY}
    return {"format": 1, **named, "utility": text}


def _property(text: str) -> dict[str, Any]:
    return {"format": 1, "id": "high_enough", "title": "x0 stays up", "kind": "floor", "property": text, "why": _WHY}
