"""Probes hear what reaches them, and are refused where even their parent cannot reach them."""

import socket
from pathlib import Path

import pytest

from policy.confinement.attempts import attempt_all
from policy.confinement.probes import probe_targets
from worldmodel.errors import EnvironmentProblem


def test_an_unconfined_process_reaches_every_probe(tmp_path: Path) -> None:
    with probe_targets(tmp_path) as targets:
        refusals = attempt_all(targets.places)
        assert set(refusals.values()) == {""}
        assert all(probe.reached for probe in targets.outcomes(refusals))


def test_a_touch_counts_whatever_the_process_says_of_it(tmp_path: Path) -> None:
    with probe_targets(tmp_path) as targets:
        attempt_all({name: place for name, place in targets.places.items() if name == "loopback UDP"})
        lies = dict.fromkeys(targets.places, "EPERM")
        assert [probe.name for probe in targets.outcomes(lies) if probe.reached] == ["loopback UDP"]


def test_silence_is_a_refusal_only_where_an_error_was_met(tmp_path: Path) -> None:
    with probe_targets(tmp_path) as targets:
        assert not any(probe.reached for probe in targets.outcomes(dict.fromkeys(targets.places, "EPERM")))
        assert all(probe.reached for probe in targets.outcomes({}))


def test_probes_that_cannot_be_heard_are_not_counted_as_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unplugged(*arguments: object) -> None:  # noqa: ARG001
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unplugged)
    with pytest.raises(EnvironmentProblem, match=r"probe-impossible.*loopback TCP"), probe_targets(tmp_path):
        pass
