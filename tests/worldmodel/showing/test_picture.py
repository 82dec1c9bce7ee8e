"""A picture is well-formed, says by shape what it says by colour, and cannot be taken over by a name or title."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from tests.worldmodel.showing.graphs import graph, random_graph
from tests.worldmodel.showing.hostile import HOSTILE, us_macro
from worldmodel.build import build_world
from worldmodel.showing.graph import Graph, Node, condense, graph_of
from worldmodel.showing.picture import graph_picture, lags_text
from worldmodel.visible import shown

SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture: Graph, **links: str) -> ET.Element:
    return ET.fromstring(graph_picture(picture, "a label", links).text)


def test_every_node_and_edge_is_drawn_once_and_inside_the_picture() -> None:
    large = random_graph(40, 90)
    found = drawn(large)
    titles = [title.text or "" for title in found.iter(f"{SVG}title")]
    assert {f"{name}: {name}" for name in large.nodes} <= set(titles)
    assert sum(" → " in title for title in titles) == len(large.edges)
    width, height = float(found.attrib["width"]), float(found.attrib["height"])
    for box in found.iter(f"{SVG}rect"):
        assert float(box.get("x", "0")) >= 0
        assert float(box.get("x", "0")) + float(box.attrib["width"]) <= width
        assert float(box.get("y", "0")) + float(box.attrib["height"]) <= height


def test_lags_loops_and_roles_have_shapes_of_their_own() -> None:
    base = graph({("a", "b"): (0,), ("b", "a"): (2,), ("b", "c"): (1, 2)})
    roles = {"a": "action", "b": "state", "c": "outcome"}
    nodes = {name: replace(node, role=roles[name], observed=name != "b") for name, node in base.nodes.items()}
    found = drawn(Graph(nodes, base.edges), a="#a")
    kinds = {group.get("class") for group in found.iter(f"{SVG}g")}
    assert {"action", "state unseen", "outcome", "back", "on"} <= kinds
    assert [link.attrib["href"] for link in found.iter(f"{SVG}a")] == ["#a"]
    words = [text.text for text in found.iter(f"{SVG}text")]
    assert {"2", "1, 2", "action", "outcome", "not observed", "closes a loop", "within the step"} <= set(words)


def test_a_name_or_title_cannot_become_markup() -> None:
    node = Node("x", HOSTILE, "state")
    text = graph_picture(Graph({"x": node}, ()), HOSTILE).text
    found = ET.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in found.iter()} <= {
        "svg",
        "title",
        "style",
        "rect",
        "g",
        "text",
        "path",
    }
    assert "\u202e" not in text
    assert f"x: {shown(HOSTILE)}" in [title.text for title in found.iter(f"{SVG}title")]


def test_long_names_are_cut_and_kept_in_the_title() -> None:
    name = "a_very_long_name_of_a_variable_that_goes_on"
    found = drawn(Graph({name: Node(name, "t", "state")}, ()))
    assert name[:25] + "…" in [text.text for text in found.iter(f"{SVG}text")]
    assert f"{name}: t" in [title.text for title in found.iter(f"{SVG}title")]


@pytest.mark.parametrize(("lags", "wanted"), [((1, 2), "1, 2"), ((1, 2, 3, 4), "1–4"), ((0, 2, 3, 4, 6), "0, 2–4, 6")])
def test_lags_in_a_row_are_put_together(lags: tuple[int, ...], wanted: str) -> None:
    assert lags_text(lags) == wanted


def test_an_empty_world_has_a_picture() -> None:
    assert drawn(graph({})).tag == f"{SVG}svg"


def test_a_large_world_has_a_small_picture() -> None:
    overview = condense(random_graph(1000, 3000))
    assert len(overview.nodes) <= 48
    assert len(graph_picture(overview, "large").text) < 200_000


def test_the_picture_in_the_documentation_is_what_the_code_draws() -> None:
    written = (Path(__file__).parents[3] / "docs/how-to/us-macro.svg").read_text(encoding="utf-8")
    drawn_now = graph_picture(graph_of(build_world(us_macro())), "What feeds into what in us_macro").text
    assert drawn_now == written, "glassworld show --world worldmodel/templates/us_macro --svg docs/how-to/us-macro.svg"
