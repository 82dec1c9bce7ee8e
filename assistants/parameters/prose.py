"""The same facts in plain words for a first reading; every number here stands in the evidence, which alone counts."""

from collections.abc import Sequence

from assistants.parameters.checks import Check
from assistants.parameters.learn import Learned
from assistants.parameters.rivals import Rivalry

UNUSUAL = 0.025
OTHERS = {"prior": "its prior", "random_walk": "a random walk", "autoregression": "an autoregression"}


def in_words(learned: Sequence[Learned], rivalries: Sequence[Rivalry]) -> str:
    """One paragraph a mechanism and one a set of rivals."""
    return "\n\n".join((*map(_mechanism, learned), *map(_rivalry, rivalries))) + "\n"


def weights_note(rivalry: Rivalry) -> tuple[str, ...]:
    """Comment lines for `world.toml` that say where the weights come from."""
    best = max(rivalry.weights, key=lambda name: rivalry.unrounded[name])
    lead, error = rivalry.lead(best)
    steps = len(rivalry.forecasts[best].all)
    within = _list({name: float(entry.within.sum()) for name, entry in rivalry.forecasts.items()})
    held = _list({name: float(entry.held.sum()) for name, entry in rivalry.forecasts.items()})
    return (
        f"Weighed by forecasts one step ahead: over {steps} steps {best} leads by {lead:.1f} ± {error:.1f} nats.",
        f"Log scores within the fit part: {within}; held out: {held}.",
    )


def _list(scores: dict[str, float]) -> str:
    return ", ".join(f"{name} {score:.1f}" for name, score in scores.items())


def _mechanism(learned: Learned) -> str:
    name = learned.target.mechanism.owner
    return " ".join((f"{name}: {_trust(learned)}", *_against_baselines(learned), *_odd_checks(learned)))


def _trust(learned: Learned) -> str:
    posterior = learned.posterior
    return f"{learned.observations} steps, by {posterior.method} ({posterior.why})."


def _against_baselines(learned: Learned) -> list[str]:
    if learned.scores is None:
        return ["Not scored on held-out steps."]
    return [_comparison(word, *learned.scores.gain(other)) for other, word in OTHERS.items()]


def _comparison(word: str, gain: float, error: float) -> str:
    verdict = "better than" if gain > 2 * error else "worse than" if gain < -2 * error else "no different from"
    return f"On held-out steps {verdict} {word} ({gain:+.3f} ± {error:.3f} nats a step)."


def _is_odd(check: Check) -> bool:
    """Whether hardly any replication is like the data; ties, which counts have many of, are like them."""
    return not UNUSUAL <= check.p_value <= 1 - UNUSUAL and not check.low <= check.observed <= check.high


def _odd_checks(learned: Learned) -> list[str]:
    odd = [name for name, check in learned.checks.by_name.items() if _is_odd(check)]
    sentences = [f"Its replicated series differ from the observed one in: {', '.join(odd)}."] if odd else []
    if learned.checks.exploded > 0:
        sentences.append(f"{learned.checks.exploded:.1%} of replicated series left all bounds.")
    return sentences


def _rivalry(rivalry: Rivalry) -> str:
    parts = [
        f"{name} {weight:g} (by evidence alone {rivalry.by_evidence[name]:.2f})"
        for name, weight in rivalry.weights.items()
    ]
    return f"Rivals for {rivalry.variable}: {', '.join(parts)}. {' '.join(weights_note(rivalry))}"
