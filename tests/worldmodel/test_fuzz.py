"""What the fuzzer found interesting is run again: no target raises, and every promise of the language is kept."""

import json

import pytest

from tests.worldmodel import fuzz_targets
from tests.worldmodel.fuzz_targets import CORPUS, SEEDS, TARGETS


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_corpus_of_the_fuzzer_runs_through(target: str) -> None:
    kept = json.loads((CORPUS / f"{target}.json").read_text(encoding="utf-8"))
    assert len(kept) > 10
    for text in (*kept, *SEEDS[target]):
        TARGETS[target](text.encode("latin-1", errors="replace"))


def test_the_targets_see_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that never raised would find nothing."""
    monkeypatch.setattr(fuzz_targets, "render", lambda _: "1")
    with pytest.raises(AssertionError):
        TARGETS["law"](b"Normal(a, b)")
    monkeypatch.setattr(fuzz_targets, "check_files", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        TARGETS["world"](b"\x00format = 1")


def test_the_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) < 1_000_000
