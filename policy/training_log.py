"""`training.json`: the readings of every checkpoint and reference rule on validation seeds.

As the confined child wrote them.

The parent does not believe the child's bytes: they are checked against this strict model before anything is made of
them.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from worldmodel.errors import InputError, Problem

LOG = "training.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RuleReading(_Strict):
    """How one rule did: objective, share of trajectories that kept each floor.

    Share that stayed inside their support.
    """

    objective: float
    floors_kept: dict[str, float]
    alive: float


class Checkpoint(RuleReading):
    """A reading of the policy as it was before one iteration."""

    iteration: int


class TrainedEntry(_Strict):
    """One kind of policy: its checkpoints, and which of them was kept."""

    kept: Annotated[int, Field(ge=0)]
    multipliers: tuple[float, ...]
    checkpoints: Annotated[tuple[Checkpoint, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _kept_is_there(self) -> "TrainedEntry":
        if self.kept >= len(self.checkpoints):
            raise ValueError("the kept checkpoint is not among the checkpoints")
        return self


class TrainingLog(_Strict):
    """The whole log."""

    format: Literal[1] = 1
    observations: tuple[str, ...]
    actions: tuple[str, ...]
    stakeholders: tuple[str, ...]
    floors: dict[str, float]
    floors_out_of_reach: tuple[str, ...]
    unstable_share: float
    return_scale: float
    disagreement: dict[str, float]
    policy: Literal["mlp", "affine"]
    affine_laws: dict[str, str]
    trained: dict[Literal["mlp", "affine"], TrainedEntry]
    references: dict[str, RuleReading]


def parse_log(data: bytes) -> TrainingLog:
    """The log that bytes hold; raises InputError with every problem."""
    try:
        return TrainingLog.model_validate_json(data)
    except ValidationError as error:
        raise InputError(
            Problem(
                code="training-log",
                where=LOG,
                part=".".join(map(str, item["loc"])),
                found=item["msg"],
                wanted="a training.json that the trainer wrote",
                mend="train again",
            )
            for item in error.errors()
        ) from error
