"""Plain values to a component: every problem of the file at once, in words that say what to do."""

import difflib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worldmodel.components.base import ComponentFile
from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.purpose import ObjectiveFile, PropertyFile, UtilityFile
from worldmodel.components.variable import VariableFile
from worldmodel.components.world import WorldFile
from worldmodel.errors import InputError, Problem, bounded

Loaded = TypeVar("Loaded", bound=ComponentFile)

MODELS: Mapping[str, type[ComponentFile]] = {
    "world.toml": WorldFile,
    "objective.toml": ObjectiveFile,
    "variables": VariableFile,
    "mechanisms": MechanismFile,
    "posteriors": PosteriorFile,
    "utilities": UtilityFile,
    "properties": PropertyFile,
}


def load_component(path: str, values: Mapping[str, Any], model: type[Loaded]) -> Loaded:
    """The component that a file's plain values describe; InputError with every problem where they describe none."""
    try:
        component = model.model_validate(dict(values))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        raise InputError(bounded((_problem(path, detail, model) for detail in details), path)) from error
    expected = path.rpartition("/")[2].removesuffix(".toml")
    given = getattr(component, "id", expected)
    if given != expected:
        raise InputError(
            Problem(
                code="wrong-id",
                where=path,
                part="id",
                found=f"“{given}”",
                wanted=f"“{expected}”, as the file is called",
                mend="rename the file or correct the id",
            )
        )
    return component


def _problem(path: str, detail: ErrorDetails, model: type[ComponentFile]) -> Problem:
    part = ".".join(_cut(str(word)) for word in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return Problem(
                code="unknown-field",
                where=path,
                part=part,
                found=f"the key “{_cut(str(detail['loc'][-1]))}”, which this kind of file does not have",
                wanted=_nearest(str(detail["loc"][-1]), model),
                mend="remove or correct it; nothing is skipped in silence",
            )
        case "missing":
            return Problem(
                code="missing-field",
                where=path,
                part=part,
                found="nothing",
                wanted=f"a value for “{part}”",
                mend="add it",
            )
        case _:
            return Problem(
                code="bad-value",
                where=path,
                part=part,
                found=_shown(detail["input"]),
                wanted=detail["msg"][:1].lower() + detail["msg"][1:],
                mend="correct the value",
            )


def _nearest(word: str, model: type[ComponentFile]) -> str:
    near = difflib.get_close_matches(word, model.model_fields, n=1)
    return f"perhaps “{near[0]}”" if near else f"one of {', '.join(model.model_fields)}"


def _shown(value: object) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
