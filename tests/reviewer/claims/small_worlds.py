"""Small worlds without units, made of laws and of what they claim (`from tests.reviewer.claims.small_worlds …`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.claims.budget import DEFAULT, Budget
from reviewer.claims.claim import claims_of
from reviewer.claims.decide import decide
from reviewer.claims.decision import Decision
from worldmodel.build import build_world
from worldmodel.canonical import digest
from worldmodel.world import World

Supports = Mapping[str, dict[str, Any]]


def small_world(
    laws: Mapping[str, str],
    claims: Mapping[str, Sequence[str]],
    priors: Mapping[str, str] | None = None,
    supports: Supports | None = None,
    initial: Mapping[str, str] | None = None,
    posteriors: Mapping[str, dict[str, Any]] | None = None,
    rivals: Mapping[str, dict[str, float]] | None = None,
    actions: Sequence[str] = (),
) -> World:
    """`laws` maps "variable" or "variable.mechanism" to a law, `priors` "mechanism.parameter" to a prior."""
    assigned = {key: (key.split(".")[0], key.split(".")[-1]) for key in laws}
    head = {
        "format": 1,
        "language": 1,
        "name": "small",
        "summary": "small",
        "step": "day",
        "rivals": dict(rivals or {}),
    }
    components: dict[str, dict[str, Any]] = {"world.toml": head}
    for name in sorted({variable for variable, _ in assigned.values()} | set(actions)):
        components[f"variables/{name}.toml"] = {
            "format": 1,
            "id": name,
            "title": name,
            "meaning": name,
            "unit": "1",
            "role": "action" if name in actions else "state",
            "support": (supports or {}).get(name, {"kind": "real"}),
            "initial": [(initial or {}).get(name, "Delta(0)")],
        }
    for key, (variable, mechanism) in assigned.items():
        own = {name.split(".")[1]: prior for name, prior in (priors or {}).items() if name.startswith(mechanism + ".")}
        components[f"mechanisms/{mechanism}.toml"] = {
            "format": 1,
            "id": mechanism,
            "assigns": variable,
            "title": mechanism,
            "law": laws[key],
            "parameters": {name: {"prior": prior, "why": "for a test"} for name, prior in own.items()},
            "claims": [{"claim": claim} for claim in claims.get(mechanism, ())],
        }
    for mechanism, posterior in (posteriors or {}).items():
        components[f"posteriors/{mechanism}.toml"] = {
            "format": 1,
            "id": mechanism,
            "mechanism_digest": digest(components[f"mechanisms/{mechanism}.toml"]),
            "data_digest": "sha256:" + "0" * 64,
            "method": "by hand",
            "observations": 1,
            "log_evidence": 0.0,
            "diagnostics": {"effective_draws": 1.0},
            **posterior,
        }
    return build_world(components)


def between(lower: float, upper: float) -> dict[str, Any]:
    """A bounded support of real numbers."""
    return {"kind": "real", "lower": lower, "upper": upper}


def one_law(law: str, claim: str, low: float, high: float, **priors: str) -> World:
    """A world with y, whose law may read x[t-1] between two ends, and which claims one thing."""
    return small_world(
        {"y": law, "x": f"Uniform({low}, {high})"},
        {"y": [claim]},
        {f"y.{name}": prior for name, prior in priors.items()},
        {"x": between(low, high)},
        {"x": f"Delta({low})"},
    )


def decided(world: World, budget: Budget = DEFAULT, place: int = 0) -> Decision:
    """The decision on one of a world's claims."""
    return decide(world, claims_of(world)[place], budget)
