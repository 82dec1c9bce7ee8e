"""Seeds follow from the bundle and the configuration, and streams never meet."""

from hypothesis import given
from hypothesis import strategies as st

from policy.configuration import Configuration
from policy.seeds import Stream, root_of, seed_of

ROOT = root_of("sha256:" + "0" * 64, Configuration(), "trainer/1")


def test_every_part_of_the_cause_changes_the_root() -> None:
    others = [
        root_of("sha256:" + "1" * 64, Configuration(), "trainer/1"),
        root_of("sha256:" + "0" * 64, Configuration(draws=7), "trainer/1"),
        root_of("sha256:" + "0" * 64, Configuration(), "trainer/2"),
    ]
    assert len({ROOT, *others}) == 4
    assert root_of("sha256:" + "0" * 64, Configuration(), "trainer/1") == ROOT


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(Stream), st.sampled_from(Stream))
def test_streams_are_disjoint_by_construction(one: int, two: int, first: Stream, second: Stream) -> None:
    left, right = seed_of(ROOT, first, one), seed_of(ROOT, second, two)
    assert 0 <= left < 2**53
    assert left >> 50 == int(first)
    assert (left == right) == ((first, one) == (second, two))
