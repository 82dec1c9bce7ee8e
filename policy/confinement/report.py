"""What is written into a training statement about how training was confined, and how that is read back.

The report is made by the parent from what it saw from outside; what the child says of itself is marked as such.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Level = Literal["L3", "L2", "L0"]


class _Strict(BaseModel):
    """Values that never change and never take a field that they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Probe(_Strict):
    """One thing that the parent put in reach and the confined process tried to touch."""

    name: str
    refused_with: str  # what the child was told, such as EPERM; empty where it got through
    reached: bool  # whether the parent saw anything arrive, or the child could read it


class SeenFromOutside(_Strict):
    """What the kernel says of the process to its parent, in /proc/PID/status, the weakest of its threads."""

    seccomp_mode: int  # 2 is a filter
    seccomp_filters: int
    no_new_privileges: int
    threads: int


class ConfinementReport(_Strict):
    """How one run was confined; L3 only where every probe was refused and the kernel confirmed the filters."""

    level: Level
    tiers: tuple[str, ...]
    kernel: str
    machine: str
    landlock_version: int | None
    outside: SeenFromOutside
    probes: tuple[Probe, ...]
    environment: dict[str, str]
    python: str
    torch: str
    cpu_capability: str
    modules: tuple[str, ...]  # packages in the child at its end that are not Python's own, and each module of ours

    @model_validator(mode="after")
    def _claims_no_more_than_it_shows(self) -> Self:
        walls = (
            self.outside.seccomp_mode == 2 and self.outside.seccomp_filters >= 2 and self.outside.no_new_privileges == 1
        )
        tight = walls and bool(self.probes) and not any(probe.reached for probe in self.probes)
        if self.level == "L3" and not (tight and self.landlock_version is not None):
            raise ValueError("L3 is claimed, but the walls and probes that it needs are not there")
        return self
