"""How many bits the learned means of a bundle carry: every parameter of every posterior, listed one by one.

Reads parsed components, so that the listing needs no heavy library; `recount` holds the stated bits against the priors.
"""

import math
from collections.abc import Mapping
from typing import Any

FOLDER = "posteriors/"
LISTED = ("mean", "sd", "scale", "grid", "bits")


def learned_bits(components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The listing, in the order of paths and names, and its total."""
    numbers = [
        {"component": path, "parameter": name, "method": component["method"]}
        | {field: entry[field] for field in LISTED}
        for path, component in sorted(components.items())
        if path.startswith(FOLDER)
        for name, entry in sorted(component["parameters"].items())
    ]
    return {"numbers": numbers, "total": math.fsum(number["bits"] for number in numbers)}


def in_words(total: float) -> str:
    """The total as a sentence, with what it leaves out."""
    return (
        f"Learned means say {total:.1f} bits beyond their priors; "
        "standard deviations, correlations and the weights of rivals passed beside them, uncounted."
    )
