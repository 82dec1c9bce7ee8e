"""A report claims no more than it shows, and comes back from a statement as it went in."""

import pytest
from pydantic import ValidationError

from policy.confinement.report import ConfinementReport, Probe, SeenFromOutside

TIGHT = ConfinementReport(
    level="L3",
    tiers=("clean environment", "landlock", "first filter", "second filter"),
    kernel="Linux 6.18",
    machine="x86_64",
    landlock_version=7,
    outside=SeenFromOutside(seccomp_mode=2, seccomp_filters=2, no_new_privileges=1, threads=1),
    probes=(Probe(name="canary file", refused_with="EPERM", reached=False),),
    environment={"OMP_NUM_THREADS": "1"},
    python="3.11.7",
    torch="2.13.0",
    cpu_capability="AVX2",
    modules=("policy", "torch"),
)


def test_there_and_back() -> None:
    assert ConfinementReport.model_validate_json(TIGHT.model_dump_json()) == TIGHT


@pytest.mark.parametrize(
    "change",
    [
        {"landlock_version": None},
        {"probes": []},
        {"probes": [{"name": "canary file", "refused_with": "", "reached": True}]},
        {"outside": {"seccomp_mode": 0, "seccomp_filters": 0, "no_new_privileges": 0, "threads": 1}},
        {"outside": {"seccomp_mode": 2, "seccomp_filters": 1, "no_new_privileges": 1, "threads": 1}},
        {"level": "L4"},
        {"surprise": 1},
        {"torch": None},
    ],
    ids=str,
)
def test_a_claim_that_is_not_borne_out_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ConfinementReport.model_validate(TIGHT.model_dump(mode="json") | change, strict=False)
