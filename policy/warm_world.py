"""A toy world that the confined child trains on before its paths are closed, so that nothing is left to load later.

Its parameters have a prior of every continuous family, since each one's arithmetic may load something of its own when
it is first used. Nothing that is computed on it is kept.
"""

from typing import Any

from worldmodel.bundle.layout import dump_bundle

_PRIORS = {
    "exponential": "Exponential(1)",
    "gamma": "Gamma(2, 1)",
    "half_normal": "HalfNormal(1)",
    "log_normal": "LogNormal(0, 1)",
    "normal": "Normal(0, 1)",
    "student": "StudentT(5, 0, 1)",
    "beta_share": "Beta(2, 3)",
    "uniform": "Uniform(0, 1)",
}
_SUM = " + ".join(f"0.001 * {name}" for name in _PRIORS)
_WHY = "a toy"


def warm_bundle() -> bytes:
    """The toy world in the layout of a bundle, approved by nobody."""
    governance: dict[str, Any] = {"rosters": [{}], "rules": [{}]}
    bits: dict[str, Any] = {"numbers": [], "total": 0.0}
    return dump_bundle("sha256:" + "0" * 64, _components(), governance, [], bits)


def _components() -> dict[str, Any]:
    return {
        "world.toml": {"format": 1, "language": 1, "name": "toy", "summary": _WHY, "step": "quarter"},
        "variables/x.toml": _variable("x", "state", {}),
        "variables/u.toml": _variable("u", "action", {"lower": -3.0, "upper": 3.0}),
        "mechanisms/motion.toml": _mechanism(
            "motion",
            "x",
            f"StudentT(5, 0.5 * x[t-1] + u[t] + min(1, exp(-x[t-1] ^ 2)) + {_SUM}, half_normal)",
            _PRIORS,
        ),
        "mechanisms/rule.toml": _mechanism("rule", "u", "clip(-0.1 * x[t-1], -3, 3)", {}),
        "utilities/calm.toml": {
            "format": 1, "id": "calm", "stakeholder": _WHY, "title": _WHY, "why": _WHY,
            "utility": "-x[t] ^ 2 - u[t] ^ 2",
        },
        "properties/near.toml": {
            "format": 1, "id": "near", "title": _WHY, "kind": "floor", "property": "P(x[t] >= -2 throughout 3) >= 0.9",
            "why": _WHY,
        },
        "objective.toml": {
            "format": 1, "horizon": 3, "discount": 0.9, "aggregation": {"rule": "utilitarian"},
            "risk": {"measure": "cvar", "level": 0.5}, "floors": ["near"], "why": _WHY,
        },
    }  # fmt: skip


def _variable(name: str, role: str, ends: dict[str, float]) -> dict[str, Any]:
    support = {"kind": "real", **ends}
    return {
        "format": 1, "id": name, "title": _WHY, "meaning": _WHY, "unit": "1", "role": role, "support": support,
        "initial": ["Normal(0, 1)"] if role == "state" else ["Delta(0)"],
    }  # fmt: skip


def _mechanism(name: str, assigns: str, law: str, priors: dict[str, str]) -> dict[str, Any]:
    parameters = {parameter: {"prior": prior, "why": _WHY} for parameter, prior in priors.items()}
    return {"format": 1, "id": name, "assigns": assigns, "title": _WHY, "law": law, "parameters": parameters}
