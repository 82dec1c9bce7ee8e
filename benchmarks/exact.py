"""Exact inference against its peers in one run: finite networks with pgmpy, linear Gaussian systems with statsmodels.

Networks are those that the pgmpy 1.0.0 wheel carries (later ones download theirs); it is no dependency: install it,
with scikit-learn and joblib, into a folder of its own and put that on PYTHONPATH. Both sides leave out what neither the
evidence nor the question depends on. Counted is the CPU time of this process. Run as `python -m benchmarks.exact`;
writes `benchmarks/results/exact.json`.
"""

import gzip
import importlib.resources
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import networkx as nx
import numpy as np
import torch
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from worldmodel.inference.elimination import Factor, log_sum, marginals, observe, plan_elimination
from worldmodel.inference.kalman import Gaussian, Measurement, Step, kalman_filter, kalman_smoother

RESULTS = Path(__file__).parent / "results" / "exact.json"
NETWORKS = ("asia", "sachs", "child", "alarm", "insurance", "hepar2", "win95pts", "andes")
ASKED = 5
LENGTH = 200
DRAWS = 1000

T = TypeVar("T")


def timed(run: Callable[[], T]) -> tuple[T, float]:
    begin = time.process_time()
    found = run()
    return found, time.process_time() - begin


def read_network(name: str) -> Any:
    """The network as pgmpy reads it from its own wheel."""
    from pgmpy.readwrite import BIFReader  # noqa: PLC0415 - no dependency

    packed = importlib.resources.files("pgmpy") / "utils" / "example_models" / f"{name}.bif.gz"
    return BIFReader(string=gzip.decompress(packed.read_bytes()).decode()).get_model()


def to_factors(network: Any) -> list[Factor]:
    """The network's tables as factors, axes in pgmpy's order."""
    tables = [table.to_factor() for table in network.get_cpds()]
    return [Factor(tuple(table.variables), torch.from_numpy(np.log(table.values))) for table in tables]


def compare_network(name: str) -> dict[str, float]:
    """Marginals of some variables given the likeliest values of three leaves, one query each; then ours of all."""
    from pgmpy.inference import VariableElimination  # noqa: PLC0415 - no dependency

    network = read_network(name)
    cards = {table.variable: table for table in network.get_cpds()}
    leaves = sorted(node for node in network.nodes() if not list(network.successors(node)))[:3]
    codes = {leaf: int(cards[leaf].get_values().sum(axis=1).argmax()) for leaf in leaves}
    states = {leaf: network.states[leaf][code] for leaf, code in codes.items()}
    hidden = sorted(set(network.nodes()) - set(leaves))
    asked = hidden[:: max(1, len(hidden) // ASKED)][:ASKED]
    peer = VariableElimination(network)
    theirs, peer_seconds = timed(lambda: {one: peer.query([one], states, show_progress=False) for one in asked})
    certain = torch.tensor(1.0, dtype=torch.float64)
    tables = to_factors(network)

    def own(names: list[str]) -> dict[Any, torch.Tensor]:
        needed = set().union(*(nx.ancestors(network, one) | {one} for one in (*names, *leaves)))
        factors = [observe(factor, codes) for factor in tables if set(factor.variables) <= needed]
        return marginals(factors, names, certain)

    ours, seconds = timed(lambda: {one: own([one])[one] for one in asked})
    everything, all_seconds = timed(lambda: own(hidden))
    apart = max(float(np.abs(theirs[one].values - everything[one].numpy()).max()) for one in asked)
    apart = max(apart, *(float((ours[one] - everything[one]).abs().max()) for one in asked))
    plan = plan_elimination([observe(factor, codes) for factor in tables])
    return {
        "variables": len(network.nodes()),
        "largest_table": plan.largest,
        "pgmpy_query_cpu_seconds": peer_seconds / len(asked),
        "query_cpu_seconds": seconds / len(asked),
        "times_pgmpy_a_query": peer_seconds / seconds,
        "all_marginals_cpu_seconds": all_seconds,
        "times_pgmpy_all_marginals": peer_seconds / len(asked) * len(hidden) / all_seconds,
        "largest_difference": apart,
    }


def system(scale: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Trend and quarterly season with noise; `scale` multiplies the noise of every draw."""
    transition = torch.zeros(5, 5, dtype=torch.float64)
    for row, column, value in (
        (0, 0, 1),
        (0, 1, 1),
        (1, 1, 1),
        (2, 2, -1),
        (2, 3, -1),
        (2, 4, -1),
        (3, 2, 1),
        (4, 3, 1),
    ):
        transition[row, column] = value
    noise = torch.zeros(5, 3, dtype=torch.float64)
    noise[0, 0], noise[1, 1], noise[2, 2] = 0.5, 0.1, 0.3
    design = torch.tensor([1.0, 0, 1, 0, 0], dtype=torch.float64)
    return transition, noise * scale[..., None, None], design


def filter_ours(data: np.ndarray, scale: torch.Tensor, smooth: bool) -> Any:
    transition, noise, design = system(scale)
    nothing, variance = torch.zeros(5, dtype=torch.float64), torch.tensor(0.5, dtype=torch.float64)
    zero = torch.zeros((), dtype=torch.float64)
    steps = [
        Step(
            transition,
            nothing,
            noise,
            (Measurement(design, zero, variance, torch.tensor(float(value), dtype=torch.float64)),),
        )
        for value in data
    ]
    with torch.no_grad():
        found = kalman_filter(Gaussian(nothing, 4 * torch.eye(5, dtype=torch.float64)), steps)
        return (found, kalman_smoother(found, steps)) if smooth else found.log_density


def peer_model(data: np.ndarray, scale: float) -> KalmanSmoother:
    transition, noise, design = (part.numpy() for part in system(torch.tensor(scale, dtype=torch.float64)))
    peer = KalmanSmoother(k_endog=1, k_states=5, k_posdef=3)
    peer["design"], peer["obs_cov"] = design[None], np.array([[0.5]])
    peer["transition"], peer["selection"], peer["state_cov"] = transition, noise, np.eye(3)
    # statsmodels starts at the first measurement; ours one step before it.
    start = 4 * transition @ transition.T + noise @ noise.T
    peer.initialize_known(np.zeros(5), start)
    peer.bind(data)
    peer.tolerance = 0.0
    return peer


def compare_kalman() -> dict[str, float]:
    """One smoothing of one series, and log likelihoods of many draws of the noise's scale."""
    generator = np.random.default_rng(0)
    data = np.cumsum(generator.normal(size=LENGTH))
    one = torch.tensor(1.0, dtype=torch.float64)
    (found, smoothed), seconds = timed(lambda: filter_ours(data, one, True))
    peer, peer_seconds = timed(lambda: peer_model(data, 1.0).smooth())
    apart = max(
        float(np.abs(state.mean.numpy() - peer.smoothed_state[:, place]).max()) for place, state in enumerate(smoothed)
    )
    scales = torch.from_numpy(generator.uniform(0.5, 2, size=DRAWS))
    ours, many = timed(lambda: filter_ours(data, scales, False))
    theirs, peer_many = timed(lambda: np.array([peer_model(data, float(scale)).loglike() for scale in scales]))
    return {
        "steps": LENGTH,
        "states": 5,
        "draws": DRAWS,
        "smoothing_cpu_seconds": seconds,
        "statsmodels_smoothing_cpu_seconds": peer_seconds,
        "times_statsmodels_smoothing": peer_seconds / seconds,
        "likelihoods_cpu_seconds": many,
        "statsmodels_likelihoods_cpu_seconds": peer_many,
        "times_statsmodels_likelihoods": peer_many / many,
        "smoothed_means_apart": apart,
        "log_likelihoods_apart_relative": float(np.abs(ours.numpy() / theirs - 1).max()),
        "one_log_likelihood_apart": abs(float(found.log_density) - float(peer.llf)),
    }


def underflow() -> dict[str, float]:
    """A hidden chain of 2,000 steps whose evidence has probability e^-33,000 or so, against the forward recursion."""
    moves = torch.log(torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=torch.float64))
    emissions = torch.from_numpy(np.log(np.random.default_rng(1).uniform(0.1, 1, size=(2000, 2)) * 1e-7))
    factors = [Factor((place, place + 1), moves) for place in range(1999)]
    factors += [Factor((place,), logs) for place, logs in enumerate(emissions)]
    found, seconds = timed(lambda: float(log_sum(factors)))
    state = emissions[0]
    for logs in emissions[1:]:
        state = torch.logsumexp(state.unsqueeze(1) + moves, dim=0) + logs
    expected = float(torch.logsumexp(state, 0))
    return {"log_evidence": found, "relative_error": abs(found / expected - 1), "cpu_seconds": seconds}


def main() -> None:
    """Runs all on one thread, prints and writes what came out."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    compare_network("asia")  # what is loaded at the first call is not counted
    answer = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, one thread",
        "torch": torch.__version__,
        "networks": {name: compare_network(name) for name in NETWORKS},
        "kalman": compare_kalman(),
        "long_chain": underflow(),
    }
    text = json.dumps(answer, indent=1)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
