"""Generated text reads back as what it was made from, and an edit changes nothing but what it is about."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants.parameters.toml import number, posterior_text, quoted, reweighed
from worldmodel.components.posterior import Diagnostics, ParameterPosterior, PosteriorFile, Scores
from worldmodel.errors import InputError

DIGEST = "sha256:" + "0" * 64
POSTERIOR = PosteriorFile(
    format=1,
    id="keeping",
    mechanism_digest=DIGEST,
    data_digest=DIGEST,
    method="newton-psis",
    observations=109,
    order=("gain", "stay"),
    parameters={
        "gain": ParameterPosterior(scale="log", mean=-0.2, sd=0.05, grid=0.025, bits=4.25),
        "stay": ParameterPosterior(scale="logit", mean=1.0, sd=1e-5, grid=5e-6, bits=0.0),
    },
    correlation=((1, -0.35), (-0.35, 1)),
    log_evidence=-81.25,
    diagnostics=Diagnostics(k_hat=-0.1, effective_draws=4400),
    scores=Scores(model=-0.7, prior=-1.2, random_walk=-1.1, autoregression=-0.9),
    checks={"mean": 0.5, "sd": 1.0},
)
WORLD = """# the head
name = "lake"  # kept

# about the old weights
[rivals.level]
keeping = 0.5    # the last level counts
passing = 0.5

# about the gate
[rivals.gate]
keeper = 1.0
"""


def test_a_posterior_reads_back_as_itself() -> None:
    assert PosteriorFile.model_validate(tomllib.loads(posterior_text(POSTERIOR))) == POSTERIOR


def test_a_posterior_without_scores_reads_back_as_itself() -> None:
    bare = POSTERIOR.model_copy(
        update={"scores": None, "checks": {}, "diagnostics": Diagnostics(effective_draws=500, r_hat=1.002)}
    )
    assert PosteriorFile.model_validate(tomllib.loads(posterior_text(bare))) == bare


@given(st.text())
def test_any_text_is_quoted_so_that_it_reads_back(text: str) -> None:
    encodable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert tomllib.loads(f"a = {quoted(encodable)}")["a"] == encodable


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_reads_back(value: float) -> None:
    assert tomllib.loads(f"a = {number(value)}")["a"] == value


def test_new_weights_change_their_lines_and_the_comment_above_and_nothing_else() -> None:
    text = reweighed(WORLD, "level", {"keeping": 0.8, "passing": 0.2}, ("measured",))
    expected = WORLD.replace("keeping = 0.5 ", "keeping = 0.8 ").replace("passing = 0.5", "passing = 0.2")
    assert text == expected.replace("# about the old weights", "# measured")


def test_an_inline_table_is_changed_too() -> None:
    text = reweighed(
        "[rivals]\nlevel = { keeping = 0.5, passing = 0.5 }\n", "level", {"keeping": 0.8, "passing": 0.2}, ()
    )
    assert tomllib.loads(text) == {"rivals": {"level": {"keeping": 0.8, "passing": 0.2}}}


def test_weights_that_cannot_be_changed_in_place_are_a_problem() -> None:
    with pytest.raises(InputError, match="rivals-not-editable"):
        reweighed(
            "rivals.level.keeping = 0.5\nrivals.level.passing = 0.5\n", "level", {"keeping": 0.8, "passing": 0.2}, ()
        )
