from pathlib import Path

import pytest

from reviewer.measuring.mutations import MISTAKES, Mistake
from reviewer.measuring.planting import plant
from worldmodel.build import check_files
from worldmodel.errors import RefusedError

ROOT = Path(__file__).parents[3] / "worldmodel" / "templates" / "us_macro"
FILES = {str(path.relative_to(ROOT)): path.read_bytes() for path in ROOT.rglob("*.toml")}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_passes_the_checks_and_changes_behaviour(mistake: Mistake) -> None:
    planted = plant(FILES, 1, mistake)
    after = {path: data for path, data in {**FILES, **planted.changes}.items() if data is not None}
    assert check_files(after) == []
    assert planted.mistake == mistake
    assert planted.path in planted.changes
    assert planted.said


def test_seeds_plant_different_mistakes_and_the_same_seed_the_same() -> None:
    found = [plant(FILES, seed) for seed in range(6)]
    assert len({(one.path, one.said) for one in found}) > 2
    assert plant(FILES, 3) == found[3]


def test_the_title_does_not_give_it_away() -> None:
    for seed in range(4):
        planted = plant(FILES, seed)
        assert not any(word in planted.title.lower() for word in (*MISTAKES, "flipped", "dropped", "leaked"))


def test_only_the_place_of_the_mistake_differs() -> None:
    planted = plant(FILES, 2, "sign flipped")
    old = FILES[planted.path].decode().splitlines()
    new = (planted.changes[planted.path] or b"").decode().splitlines()
    assert 0 < len(set(new) - set(old)) <= 1


def test_a_world_with_nothing_to_spoil_is_refused() -> None:
    with pytest.raises(RefusedError, match="nothing-to-plant"):
        plant({}, 1)
