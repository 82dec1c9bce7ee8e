"""The keys of many sites at once are those of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.kernel.noise import round_keys
from worldmodel.simulation.keys import keys_of
from worldmodel.simulation.noise import site_key, site_words

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)


@given(seed=st.integers(-(2**53) + 1, 2**53 - 1), sites=st.lists(NAMES, max_size=5).map(tuple))
def test_they_are_the_keys_of_each_site(seed: int, sites: tuple[str, ...]) -> None:
    words = site_words(seed, sites)
    assert [tuple(map(int, row)) for row in words[:, 0]] == [site_key(seed, site) for site in sites]
    own = keys_of(seed, sites).rows.reshape(len(sites), 20)
    assert (own == round_keys([site_key(seed, site) for site in sites])).all()


def test_a_seed_without_canonical_form_is_refused() -> None:
    for seed in (2**53, -(2**53)):
        with pytest.raises(InputError):
            site_words(seed, ("a",))
