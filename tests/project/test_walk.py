"""The walk names files that exist, in the order of the packages' one direction."""

import re

import gates

WALK = (gates.ROOT / "docs/walk.md").read_text(encoding="utf-8")
SOURCE_FILES = re.findall(r"`((?:worldmodel|assistants|reviewer|policy)/[a-z_/]+\.(?:py|toml))`", WALK)


def test_every_source_file_of_the_walk_exists() -> None:
    assert len(SOURCE_FILES) > 30
    assert [name for name in SOURCE_FILES if not (gates.ROOT / name).exists()] == []


def test_every_file_is_named_with_its_package() -> None:
    bare = re.findall(r"`([a-z_]+\.py)`", WALK)
    assert bare == []
