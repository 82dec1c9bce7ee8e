"""How many bits of learned numbers a bundle carries: every parameter of every posterior, listed one by one.

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
