"""A posterior belongs to the law it was fitted to, is a distribution, and hides nothing in its last digits."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.build import check_files, component_digest
from worldmodel.checks.posteriors import positive_definite

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
        return tank({PATH: _posterior(digest).replace(old, new, 1) if old else _posterior(digest)})

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
        ("mean = 0.1", "mean = 0.1000000003", "parameters.m.mean"),
        ("mean = 0.1", "mean = -0.05", "parameters.m.mean"),
        ("sd = 0.2", "sd = 0.2000000007", "parameters.m.grid"),
        ("grid = 0.1", "grid = 1e-9", "parameters.m.grid"),
        ("bits = 3", "bits = 3.0012", "parameters.m.bits"),
        ("[[1, 0.5], [0.5, 1]]", "[[1, 0.5003], [0.5003, 1]]", "correlation"),
        ("log_evidence = -3.5", "log_evidence = -3.500001", "log_evidence"),
        ("k_hat = 0.1", "k_hat = 0.100001", "diagnostics.k_hat"),
        ("[diagnostics]", "[checks]\nmean = 0.123456\n[diagnostics]", "checks.mean"),
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


def test_a_far_mean_on_a_very_fine_grid_is_judged_exactly(files: Callable[..., dict[str, bytes]]) -> None:
    far = files("mean = 0.1\nsd = 0.2\ngrid = 0.1", "mean = 1e200\nsd = 2e-200\ngrid = 1e-200")
    assert check_files(far) == []


@given(st.integers(1, 7), st.integers(0, 2**32 - 1), st.sampled_from([0.5, 1.0, 2.0]))
def test_a_matrix_is_positive_definite_where_its_eigenvalues_say_so(size: int, seed: int, spread: float) -> None:
    entries = np.random.default_rng(seed).normal(0, spread / size**0.5, (size, size))
    matrix = np.round(np.tril(entries, -1) * 20) / 20
    matrix = matrix + matrix.T + np.eye(size)
    smallest = np.linalg.eigvalsh(matrix)[0]
    assert abs(smallest) < 1e-12 or positive_definite(matrix.tolist()) == (smallest > 1e-9)


def test_a_perfect_correlation_is_not_positive_definite() -> None:
    assert not positive_definite([[1.0, 1.0], [1.0, 1.0]])
    assert not positive_definite([[1.0, float("nan")], [float("nan"), 1.0]])
