"""Packages that only some uses need: imported when they are needed, with a plain error where they are not there."""

import importlib
from typing import Any

from worldmodel.errors import EnvironmentProblem, Problem


def optional(module: str, purpose: str) -> Any:
    """A module of a package that may be absent; EnvironmentProblem that says how to install it where it is."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise EnvironmentProblem(
            Problem(
                code="package-missing",
                where="this installation",
                found=f"no package {package} ({error})",
                wanted=f"{package}, which {purpose}",
                mend=f"pip install {package}, or install Glassworld with its extra: pip install 'glassworld[exchange]'",
            )
        ) from error
