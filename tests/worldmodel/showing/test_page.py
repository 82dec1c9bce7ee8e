"""The page is one file that asks nobody for anything, shows everything, and cannot be taken over by what it shows."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from tests.worldmodel.showing.hostile import HOSTILE, hostile_world, us_macro
from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel.build import build_world
from worldmodel.showing.notebook import show
from worldmodel.showing.page import world_page
from worldmodel.visible import shown
from worldmodel.world import World

VOID = frozenset({"meta", "rect", "path", "mspace", "img", "br"})


class Reader(HTMLParser):
    """Collects elements, attributes and words, and holds that elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = world_page(build_world(us_macro()))
    read = Reader(page)
    assert read.tags.isdisjoint({"script", "link", "iframe", "object", "embed", "img", "form", "base"})
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    addresses = [value for name, value in read.attributes if name in {"href", "src", "action", "xlink:href"}]
    assert addresses
    assert all(address.startswith("#") for address in addresses)
    assert "default-src 'none'" in page
    assert not re.findall(r"url\(|@import", page)


def test_every_link_leads_somewhere_on_the_page() -> None:
    for world in (build_world(us_macro()), world_from(EPIDEMIC)):
        read = Reader(world_page(world))
        places = [value for name, value in read.attributes if name == "id"]
        assert len(places) == len(set(places))
        assert {value.removeprefix("#") for name, value in read.attributes if name == "href"} <= set(places)


def test_everything_that_people_wrote_is_on_the_page() -> None:
    components = us_macro()
    words = " ".join(" ".join(Reader(world_page(build_world(components))).words).split())
    for path, values in components.items():
        for key in ("title", "meaning", "why"):
            assert " ".join(values.get(key, "").split()) in words, (path, key)
        for entry in (*values.get("parameters", {}).values(), *values.get("constants", {}).values()):
            assert " ".join(entry["why"].split()) in words
            assert entry.get("prior", "") in words


def test_hostile_text_stays_text() -> None:
    page = world_page(hostile_world())
    read = Reader(page)
    assert read.tags.isdisjoint({"script", "img"})
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert "\u202e" not in page
    assert shown(HOSTILE) in " ".join(read.words)
    assert "&lt;script&gt;" in page


def test_the_same_world_gives_the_same_bytes() -> None:
    assert world_page(build_world(us_macro())) == world_page(build_world(us_macro()))


def test_families_tables_bindings_and_static_worlds() -> None:
    epidemic = "".join(Reader(world_page(world_from(EPIDEMIC))).words)
    for part in ("where", "what comes in from all regions", "contact", "damp", "0.8 : 0.2", "infected[region]", "dry"):
        assert part in epidemic, part
    static = "".join(Reader(world_page(world_from(SPRINKLER))).words)
    assert "There is no time" in static
    assert "rain←" in static.replace(" ", "")


def test_a_large_world_is_folded_into_groups(world_of: Callable[..., World]) -> None:
    laws = {f"{group}_{n}": f"{group}_{n - 1}[t-1]" if n else "1" for group in ("bank", "wage") for n in range(40)}
    page = world_page(world_of(laws=laws))
    read = Reader(page)
    assert "Inside bank_…: 40 variables" in read.words
    assert ("href", "#group-0") in read.attributes
    assert page.count("<article") == 80


def test_a_notebook_gets_both_forms() -> None:
    world = hostile_world()
    bundle = show(world)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    read = Reader(bundle["text/html"])
    assert read.tags.isdisjoint({"script", "img", "html", "body"})
    assert "\u202e" not in bundle["text/plain"] + bundle["text/html"]
    assert "phillips_curve: inflation[t] ~ StudentT(5," in bundle["text/plain"]
