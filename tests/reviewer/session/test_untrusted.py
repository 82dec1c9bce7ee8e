"""A proposal whose every text field is hostile, in Chromium: it is shown as text, runs nothing, and hides nothing.

Beside it, a graph of five hundred variables, which must be drawn in half a second.
"""

import json
import os
from typing import Any

import pytest

from reviewer.session.graphs import graph_value
from worldmodel.showing.graph import Edge, Graph, Node

pytestmark = pytest.mark.timeout(600)
LEAK = "mechanisms/leak.toml"
EVIL = (
    '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
    "<svg onload=window.evil=1>javascript:alert(1)</svg>"
)
# A component's own text may hold no character that hides or reorders; a title, prose or a comment may, and is escaped.
TRICK = EVIL + "\u202e\u2066 reversed \u200b"


def hostile(room: Any) -> int:
    """Every text that a proposer writes, as markup; the component itself is one that loads."""
    text = json.dumps(EVIL, ensure_ascii=False)
    law = (
        'format = 1\nid = "leak"\nassigns = "level"\n'
        f"title = {text}\n"
        'law = "Normal(0.7 * level[t-1], spread)"\n'
        f'[parameters.spread]\nprior = "HalfNormal(2)"\nunit = "m"\nwhy = {text}\n'
        f'[[sources]]\nref = {text}\nsupports = ["law"]\n# {EVIL}\n'
    )
    number: int = room.open(
        {LEAK: law.encode()}, "robot", prose=TRICK, evidence={EVIL: TRICK}, provenance=room.provenance()
    )
    return number


FOREIGN = """() => {
  const found = [], tags = ['SCRIPT', 'IMG', 'IFRAME', 'OBJECT', 'FORM', 'LINK'], words = ['aria-label', 'title'];
  const bad = (one) => /^on/i.test(one.name) || (/javascript:/i.test(one.value) && !words.includes(one.name));
  const walk = (root) => root.querySelectorAll('*').forEach((node) => {
    if (tags.includes(node.tagName.toUpperCase())) found.push(node.outerHTML);
    for (const one of node.attributes) if (bad(one)) found.push(one.name);
    if (node.shadowRoot) walk(node.shadowRoot);
  });
  walk(document.querySelector('.gw-review'));
  return found;
}"""


def foreign(page: Any) -> list[str]:
    """Whatever a stranger's markup could have become in our subtree, shadow roots included."""
    found: list[str] = page.evaluate(FOREIGN)
    return found


def test_a_hostile_proposal_is_only_ever_text(room: Any, desk: Any) -> None:
    number = hostile(room)
    room.say(number, "comment", "cy", text=TRICK)
    window = desk.open(desk.notebook(room.folder, "bob", "hostile")).wait()
    page = window.page
    window.predict(number, EVIL)
    assert foreign(page) == []
    page.get_by_role("button", name="Keep my prediction").click()
    page.get_by_role("heading", name="Your vote").wait_for()
    page.locator(".gw-remarks").wait_for()
    for tab in ("Hunks", "Graph", "Change", "Origin", "Rationale"):
        page.get_by_role("tab", name=tab, exact=True).click()
        page.locator(".gw-panel .gw-tabbed, .gw-panel .gw-change").first.wait_for(timeout=60_000)
        page.evaluate("document.querySelectorAll('.gw-panel details').forEach((one) => { one.open = true; })")
        assert foreign(page) == [], tab
        shown = page.locator(".gw-panel").inner_text()
        assert EVIL[:20] in shown or tab == "Graph", tab
        assert not any(letter in shown for letter in "\u202e\u2066\u200b"), tab
    assert "\\u202e" in page.locator(".gw-remarks").inner_text()
    assert page.evaluate("window.evil") is None


SCRIPT = """(source) => {
  const whole = source + '\\nexport { cleaned, graphPane, SVG, MATHML };';
  const url = URL.createObjectURL(new Blob([whole], { type: 'text/javascript' }));
  return import(url).then((module) => { window.ours = module; });
}"""


@pytest.fixture
def ours(chromium: Any) -> Any:
    """A bare page with the application's own module in it, without Jupyter."""
    from reviewer.session.widget import module, style

    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.set_content(f"<style>{style()}</style><div class='gw-review'><div id='place'></div></div>")
    page.evaluate(SCRIPT, module().replace("export default", "const application ="))
    yield page
    page.close()


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ('<svg xmlns="S"><script>window.evil=1</script><circle r="1"/></svg>', "<circle"),
        ('<svg xmlns="S" onload="window.evil=1"><rect onclick="window.evil=1" width="2"/></svg>', "<rect"),
        ('<svg xmlns="S"><a href="javascript:window.evil=1"><text>x</text></a><g/></svg>', "<g"),
        ('<svg xmlns="S"><image href="http://example.invalid/x.png"/><g/></svg>', "<g"),
        ('<svg xmlns="S"><style>@import url(http://example.invalid/x.css);</style><g/></svg>', "<g"),
        ('<svg xmlns="S"><style>.a{fill:u\\\\72l(http://example.invalid)}</style><g/></svg>', "<g"),
        ('<svg xmlns="S"><rect fill="url(http://example.invalid/#a)" style="background:url(x)"/></svg>', "<rect"),
        ('<svg xmlns="S"><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject><g/></svg>', "<g"),
        ('<svg xmlns="S"><use href="#a"/><animate attributeName="href" to="javascript:1"/><g/></svg>', "<g"),
        ('<svg xmlns="S"><style>.box { fill: #eee; }</style><path class="box" d="M0 0"/></svg>', "<style"),
    ],
)
def test_markup_of_a_picture_is_rebuilt_from_an_allow_list(ours: Any, markup: str, kept: str) -> None:
    text = markup.replace('"S"', '"http://www.w3.org/2000/svg"')
    left = ours.evaluate("(text) => window.ours.cleaned(text, window.ours.SVG).outerHTML", text)
    forbidden = (
        "script",
        "onload",
        "onclick",
        "javascript",
        "href",
        "example.invalid",
        "foreignObject",
        "animate",
        "@import",
    )
    assert [word for word in forbidden if word in left] == []
    assert kept in left
    assert ours.evaluate("window.evil") is None


def test_what_is_no_picture_is_none(ours: Any) -> None:
    for text in ("<svg", "<html xmlns='http://www.w3.org/1999/xhtml'/>", "", "<svg xmlns='x'/>"):
        assert ours.evaluate("(text) => window.ours.cleaned(text, window.ours.SVG)", text) is None


def five_hundred() -> Graph:
    """Five hundred variables and 998 edges: each reads two before it."""
    names = [f"variable_{place:03}" for place in range(500)]
    nodes = {name: Node(name, f"Meaning of {name}", "state") for name in names}
    edges = [
        Edge(names[place - step], names[place], (step - 1,)) for place in range(500) for step in (1, 3) if place >= step
    ]
    edges += [Edge(names[place], names[place - 9], (1,)) for place in (100, 300)]
    return Graph(nodes, tuple(edges))


DRAW = """async (value) => {
  const place = document.getElementById('place');
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  place.replaceChildren();
  await painted();
  const start = performance.now();
  place.append(window.ours.graphPane(value));
  place.getBoundingClientRect();
  await painted();
  return performance.now() - start;
}"""


def test_a_graph_of_five_hundred_nodes_is_drawn_in_half_a_second(ours: Any) -> None:
    """Elements, layout and paint: in the best of five, and by the work of the page's own thread.

    Where more processes want to run than there are cores, a page waits its turn: the wall clock is given that much.
    """
    value = {"kind": "graph", **graph_value(five_hundred(), ["variable_007"])}
    assert (len(value["nodes"]), len(value["edges"])) == (500, 998)
    meter = ours.context.new_cdp_session(ours)
    meter.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = meter.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration")) * 1000

    walls, works = [], []
    for _ in range(5):
        before = worked()
        walls.append(ours.evaluate(DRAW, value))
        works.append(worked() - before)
    crowd = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert min(works) < 500, works
    assert min(walls) < 500 * crowd, (walls, crowd)
    assert ours.locator(".gw-node[role=button]").count() == 500
    ours.locator(".gw-graph-pane tbody tr").nth(500 + 998 - 1).wait_for(state="attached")
