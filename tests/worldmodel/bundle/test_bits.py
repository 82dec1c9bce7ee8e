"""What a bundle says of its bits is what was counted, and no more."""

from worldmodel.bundle.bits import in_words, learned_bits


def test_the_total_is_of_the_means_and_the_sentence_says_so() -> None:
    entry = {"mean": -1.02, "sd": 0.34, "scale": "log", "grid": 0.17}
    components = {
        "posteriors/curve.toml": {
            "method": "newton-psis",
            "correlation": [[1, 0.3], [0.3, 1]],
            "parameters": {"slope": {**entry, "bits": 3.75}, "noise": {**entry, "bits": 5.5}},
        },
        "world.toml": {"rivals": {"unemployment": {"one": 0.4, "other": 0.6}}},
    }
    listing = learned_bits(components)
    assert [number["parameter"] for number in listing["numbers"]] == ["noise", "slope"]
    assert listing["total"] == 9.25
    sentence = in_words(listing["total"])
    assert sentence.startswith("Learned means say 9.2 bits")
    for uncounted in ("standard deviations", "correlations", "weights of rivals"):
        assert uncounted in sentence
