"""How many bits of learned numbers a bundle carries: every parameter of every posterior, listed one by one.

Reads parsed components; a learned number's bits are what its mean, on its published grid, says beyond the prior.
"""

import math
from collections.abc import Mapping
from typing import Any

FOLDER = "posteriors/"


def learned_bits(components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The listing and its total, in the order of paths and names."""
    numbers = [
        {"component": path, "number": name, "bits": float(entry["bits"])}
        for path, component in sorted(components.items())
        if path.startswith(FOLDER)
        for name, entry in sorted(component["parameters"].items())
    ]
    return {"numbers": numbers, "total": math.fsum(number["bits"] for number in numbers)}
