"""A posterior belongs to the law it was fitted to, and is a distribution."""

from collections.abc import Callable

import pytest

from worldmodel.build import check_files, component_digest

PATH = "posteriors/inflow.toml"


def _posterior(digest: str) -> str:
    return f"""format = 1
id = "inflow"
mechanism_digest = "{digest}"
data_digest = "sha256:{"0" * 64}"
method = "by hand"
observations = 10
order = ["m", "s"]
correlation = [[1, 0.5], [0.5, 1]]
log_evidence = -3.5
[parameters.m]
scale = "identity"
mean = 0.1
sd = 0.2
grid = 0.1
bits = 3
[parameters.s]
scale = "log"
mean = -0.5
sd = 0.2
grid = 0.1
bits = 3
[diagnostics]
k_hat = 0.1
effective_draws = 1000
"""


@pytest.fixture
def files(tank: Callable[..., dict[str, bytes]]) -> Callable[..., dict[str, bytes]]:
    digest = component_digest("mechanisms/inflow.toml", tank()["mechanisms/inflow.toml"])

    def make(old: str = "", new: str = "") -> dict[str, bytes]:
        return tank({PATH: _posterior(digest).replace(old, new) if old else _posterior(digest)})

    return make


def test_a_posterior_that_fits_is_accepted(files: Callable[..., dict[str, bytes]]) -> None:
    assert check_files(files()) == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('mechanism_digest = "sha256:', 'mechanism_digest = "sha256:' + "0" * 64 + '" #', "mechanism_digest"),
        ('"m", "s"', '"m", "q"', "parameters"),
        ('scale = "log"', 'scale = "identity"', "parameters.s.scale"),
        ("[0.5, 1]", "[0.4, 1]", "correlation"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, 1], [1, 1]]", "correlation"),
        ("[[1, 0.5], [0.5, 1]]", "[[1]]", "correlation"),
    ],
)
def test_a_posterior_that_does_not_fit_is_refused(
    files: Callable[..., dict[str, bytes]], old: str, new: str, part: str
) -> None:
    found = [(problem.code, problem.where, problem.part) for problem in check_files(files(old, new))]
    assert found == [("bad-posterior", PATH, part)]


def test_an_edit_of_the_law_voids_its_posterior(files: Callable[..., dict[str, bytes]]) -> None:
    edited = files()
    edited["mechanisms/inflow.toml"] = edited["mechanisms/inflow.toml"].replace(b"Gamma(2, 4)", b"Gamma(2, 5)")
    assert [problem.code for problem in check_files(edited)] == ["bad-posterior"]
