"""Every template can be shown in every way, and does not differ from itself."""

from pathlib import Path

import pytest

import worldmodel
from tests.worldmodel.showing.test_page import Reader
from worldmodel.build import load_world
from worldmodel.showing.differences import differences
from worldmodel.showing.page import world_page
from worldmodel.showing.paper import world_document
from worldmodel.showing.terminal import explain, explain_one

TEMPLATES = sorted(path.parent for path in Path(worldmodel.__file__).parent.glob("templates/*/world.toml"))


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda folder: folder.name)
def test_a_template_is_shown_whole(folder: Path) -> None:
    world = load_world(folder)
    read = Reader(world_page(world))
    text, words = explain(world), " ".join(read.words)
    for name in (*world.variables, *world.mechanisms):
        assert name in text
        assert name in words
        assert name in explain_one(world, name)
    assert text.count("\n") < 400
    assert world_document(world).rstrip().endswith(r"\end{document}")
    assert differences(world, load_world(folder)) == ()
