"""What a training run may be told: every free choice there is, checked and recorded whole in the training statement.

There is no seed among them: it follows from the bundle and this configuration (`policy.seeds`).
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from worldmodel.errors import InputError, Problem

MOST_TRAJECTORIES = 1_000_000

Count = Annotated[int, Field(ge=1, le=100_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Configuration(BaseModel):
    """The settings of a training run; the defaults train `us-macro` in well under a minute and a half on two cores."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    algorithm: Literal["pathwise"] = "pathwise"
    network: Literal["mlp", "affine"] = "mlp"
    hidden: Annotated[
        tuple[Annotated[int, Field(ge=1, le=1024)], ...], Field(strict=False, min_length=1, max_length=8)
    ] = (32, 32)
    iterations: Count = 100
    affine_iterations: Count = 80
    draws: Annotated[Count, Field(description="parameter draws per iteration")] = 32
    batch: Annotated[Count, Field(description="trajectories per parameter draw")] = 8
    pool: Annotated[Count, Field(description="parameter draws that training ever sees")] = 512
    learning_rate: Positive = 0.04
    affine_learning_rate: Positive = 0.1
    gradient_norm: Positive = 1.0
    checkpoints: Annotated[Count, Field(description="how many checkpoints are compared on validation seeds")] = 5
    validation_draws: Count = 512
    validation_batch: Count = 2

    @model_validator(mode="after")
    def _fits(self) -> "Configuration":
        for draws, batch in (("draws", "batch"), ("validation_draws", "validation_batch")):
            if getattr(self, draws) * getattr(self, batch) > MOST_TRAJECTORIES:
                raise ValueError(f"{draws} times {batch} is more than {MOST_TRAJECTORIES} trajectories at once")
        return self


def load_configuration(path: Path | None, **overrides: object) -> Configuration:
    """A configuration from a TOML file, if any, with the settings that were given on the command line put over it."""
    settings = {} if path is None else _read(path)
    settings.update({name: value for name, value in overrides.items() if value is not None})
    return parse_configuration(settings, where=str(path or "command line"))


def parse_configuration(settings: object, where: str) -> Configuration:
    """A configuration from a parsed mapping; raises InputError with every problem."""
    try:
        return Configuration.model_validate(settings)
    except ValidationError as error:
        raise InputError(
            _problem(where, item["loc"], item["msg"], item.get("input")) for item in error.errors()
        ) from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(_problem(str(path), (), f"cannot be read as TOML: {error}", None)) from error


def _problem(where: str, place: tuple[int | str, ...], message: str, value: object) -> Problem:
    return Problem(
        code="training-configuration",
        where=where,
        part=".".join(map(str, place)),
        found=message if value is None else f"{message} (found {value!r:.80})",
        wanted="the settings that docs/errors.md lists under this code",
        mend="correct the setting, or leave it out to use its default",
    )
