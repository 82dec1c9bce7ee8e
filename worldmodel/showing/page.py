"""A world as one HTML page that needs no script, no network and no other file: what people read before they approve."""

from collections.abc import Iterator, Mapping, Sequence

from worldmodel.describe import expression_written, law_written, places_of, written
from worldmodel.markup import Filling, Html, fill, join, table
from worldmodel.readings.mathml import to_mathml
from worldmodel.readings.mathml_block import definition_to_mathml, equation_to_mathml
from worldmodel.showing import facts
from worldmodel.showing.frame import Section, bullets, page, paragraphs
from worldmodel.showing.graph import Graph, condense, graph_of, inside
from worldmodel.showing.listing import listing_lines
from worldmodel.showing.loops import feedback_loops
from worldmodel.showing.picture import graph_picture
from worldmodel.world import Mechanism, World

_OWN = Html("""
.picture { overflow: auto; max-height: 90vh; border: 1px solid #8884; border-radius: 8px; background: #fff; }
.picture svg { display: block; margin: 0 auto; max-width: none; }
.world details { margin: .6rem 0; } .world summary { cursor: pointer; }
.world article { margin: 1.4rem 0; padding-left: .9rem; border-left: 3px solid #8884; }
.world article h3 { margin: 0; font: 600 1rem ui-monospace, monospace; } .world article p { margin: .2rem 0; }
.world article:target, .world :target { outline: 2px solid #b8860b; }
.equation { display: flex; gap: 1.5rem; align-items: center; overflow-x: auto; padding: .3rem 0; }
.equation math { font-size: 1.15rem; } .world .unit, .world .quiet, .world .why { color: #6b7580; }
.world .unit { white-space: nowrap; } .world .why { max-width: 30rem; }
.world .reasons td:last-child { min-width: 20rem; } .world .reasons td, .world .reasons th { padding: .3rem .5rem; }
math[display="block"] { display: block math; margin: 0; width: max-content; }
.world nav ul { columns: 3; padding-left: 1.2rem; } .world td { max-width: 24rem; }
""")
STYLE = join([Html("body { max-width: 76rem; }"), _OWN])
NOTEBOOK_STYLE = join([_OWN, Html(".world td, .world th { text-align: left; vertical-align: top; }")])

_PARAMETERS = (
    "mechanism",
    "parameter",
    "unit",
    "prior",
    "prior, 90 %",
    "posterior, mean ± sd",
    "posterior, 90 %",
    "why",
)


def world_page(world: World) -> str:
    """The whole page as text; the same world gives the same bytes."""
    opening = join([paragraphs([world.header.summary.strip(), _size(world)]), _contents(world)])
    sections = [Section(part.title, _ours(part.body)) for part in _sections(world)]
    return page(world.header.name, _ours(opening), sections, STYLE)


def world_fragment(world: World) -> Html:
    """The same without the frame of a page, to stand inside a notebook."""
    opening = paragraphs([world.header.summary.strip(), _size(world)])
    parts = [fill("<h2>$title</h2>$body", title=part.title, body=part.body) for part in _sections(world)]
    return _ours(join([fill("<h1>$name</h1>$opening", name=world.header.name, opening=opening), *parts]))


def _ours(body: Html) -> Html:
    """Marked, so that our styles reach nothing else."""
    return fill('<div class="world">$body</div>', body=body)


def _size(world: World) -> str:
    step = "There is no time: every variable comes about once." if world.static else ""
    step = step or f"One step is one {world.header.step}."
    return f"{len(world.variables)} variables, {len(world.mechanisms)} mechanisms. {step}"


def _contents(world: World) -> Html:
    links = [(f"#mechanism-{name}", name) for name in sorted(world.mechanisms)] if len(world.mechanisms) <= 60 else []
    items = join(fill('<li><a href="$to">$name</a></li>', to=to, name=name) for to, name in links)
    return fill('<nav aria-label="Equations"><ul>$items</ul></nav>', items=items) if links else Html("")


def _sections(world: World) -> Iterator[Section]:
    graph = graph_of(world)
    overview = condense(graph)
    yield Section("What feeds into what", _graph(world, graph, overview))
    yield Section("Feedback loops", _loops(graph))
    yield Section("Equations", _equations(world, overview))
    if any(entry.file.parameters for entry in world.mechanisms.values()):
        yield Section("Parameters", _parameters(world))
    if constants := list(facts.constant_rows(world)):
        yield Section("Constants", table(("in", "name", "value", "unit", "why"), constants))
    if tables := list(_tables(world)):
        yield Section("Tables", join(tables))
    yield Section("Variables", _variables(world))
    if weights := list(facts.weight_rows(world)):
        yield Section("Rival mechanisms, and rules for actions", table(("variable", "weights"), weights))
    if purposes := list(_purposes(world)):
        yield Section("What is valued, and what must hold", join(purposes))


def _graph(world: World, graph: Graph, overview: Graph) -> Html:
    links = {name: f"#variable-{name}" for name in graph.nodes}
    links |= {name: f"#group-{place}" for place, name in enumerate(overview.nodes) if overview.nodes[name].members}
    label = f"What feeds into what in {world.header.name}"
    return join(
        [_picture(overview, label, links), *_groups(graph, overview, links), _listing(graph, overview, world.static)]
    )


def _groups(graph: Graph, overview: Graph, links: Mapping[str, str]) -> Iterator[Html]:
    """Each group by itself, folded away."""
    for place, (name, node) in enumerate(overview.nodes.items()):
        if node.members:
            drawn = _picture(inside(graph, overview, name), f"Inside {name}", links)
            words = f"Inside {name}: {len(node.members)} variables"
            yield fill(_FOLDED, place=f"group-{place}", summary=words, body=drawn)


_FOLDED = '<details id="$place"><summary>$summary</summary>$body</details>'


def _picture(graph: Graph, label: str, links: Mapping[str, str]) -> Html:
    own = {name: links[name] for name in graph.nodes if name in links}
    return fill('<div class="picture">$svg</div>', svg=graph_picture(graph, label, own))


def _listing(graph: Graph, overview: Graph, static: bool) -> Html:
    """The same in words, for those who cannot see the picture."""
    lines = "\n".join(listing_lines(graph, overview, static))
    return fill("<details><summary>The same as a list</summary><pre>$lines</pre></details>", lines=lines)


def _loops(graph: Graph) -> Html:
    loops = feedback_loops(graph)
    if not loops.found and not loops.cut_off:
        return paragraphs(["No variable comes back to itself through others."])
    said = bullets([str(loop) for loop in loops.found])
    return join([said, paragraphs([f"{loops.cut_off[:1].upper()}{loops.cut_off[1:]}."])]) if loops.cut_off else said


def _equations(world: World, overview: Graph) -> Html:
    """All equations; in a large world folded by the groups of the picture."""
    group = {member: node.name for node in overview.nodes.values() for member in node.members}
    own: dict[str, list[Html]] = {}
    for _, mechanism in sorted(world.mechanisms.items()):
        own.setdefault(group.get(mechanism.file.target, ""), []).append(_equation(world, mechanism))
    template = "<details><summary>$name: $count equations</summary>$every</details>"
    return join(
        fill(template, name=name, count=len(every), every=join(every)) if name else join(every)
        for name, every in sorted(own.items())
    )


_ARTICLE = """<article id="mechanism-$name"><h3>$name</h3><p>$title</p>
<div class="equation">$equation<span class="unit">$unit</span></div>
$more</article>"""


def _equation(world: World, mechanism: Mechanism) -> Html:
    file, target = mechanism.file, mechanism.file.target
    unit = world.variables[target].file.unit
    law = law_written(world, mechanism.law)
    return fill(
        _ARTICLE,
        name=file.id,
        title=file.title,
        equation=equation_to_mathml(target, places_of(world, mechanism), law, not world.static),
        unit="" if unit == "1" else f"[{unit}]",
        more=join([*_steps(world, mechanism), *_claims(mechanism)]),
    )


def _steps(world: World, mechanism: Mechanism) -> Iterator[Html]:
    """The bindings of a long law, after “where”."""
    template = '<div class="equation">$value<span class="why">$why</span></div>'
    steps = [
        fill(
            template,
            value=definition_to_mathml(name, expression_written(world, value)),
            why=mechanism.file.let[name].why,
        )
        for name, value in mechanism.bindings.items()
    ]
    if steps:
        yield fill('<p class="quiet">where</p>$rows', rows=join(steps))


def _claims(mechanism: Mechanism) -> Iterator[Html]:
    if mechanism.claims:
        yield fill('<p class="quiet">Claims: $claims</p>', claims=join(map(to_mathml, mechanism.claims), "; "))
    if mechanism.file.sources:
        yield fill('<p class="quiet">Sources: $all</p>', all="; ".join(source.ref for source in mechanism.file.sources))


def _parameters(world: World) -> Html:
    rows = [
        (
            row.mechanism,
            row.name,
            row.unit,
            row.prior,
            facts.interval_text(row.before),
            facts.mean_text(row.after),
            facts.interval_text(row.after),
            row.why,
        )
        for _, mechanism in sorted(world.mechanisms.items())
        for row in facts.parameter_rows(world, mechanism)
    ]
    return fill('<div class="reasons">$table</div>', table=table(_PARAMETERS, rows))


def _tables(world: World) -> Iterator[Html]:
    for owner, name, entry in facts.tables(world):
        unit = "" if entry.unit == "1" else f" [{entry.unit}]"
        words = fill(
            "<p><strong>$name</strong>$unit, in $owner: $why</p>", name=name, unit=unit, owner=owner, why=entry.why
        )
        yield join([words, table(*facts.table_rows(world, entry))])


def _variables(world: World) -> Html:
    head = ("variable", "title", "unit", "support", "role", "observed", "before step 1", "meaning")
    cells: list[tuple[Sequence[Filling], str]] = [
        ((*row, world.variables[name].file.meaning), name)
        for name, row in zip(sorted(world.variables), facts.variable_rows(world), strict=True)
    ]
    rows = [
        (fill('<span id="variable-$name">$called</span>', name=name, called=row[0]), *row[1:]) for row, name in cells
    ]
    return table(head, rows)


def _purposes(world: World) -> Iterator[Html]:
    utilities = [
        (entry.file.stakeholder, entry.file.title, to_mathml(written(world, entry.expression)), entry.file.why)
        for _, entry in sorted(world.utilities.items())
    ]
    if utilities:
        yield table(("stakeholder", "utility", "at each step", "why"), utilities)
    properties = [
        (f"{entry.file.kind} {name}", entry.file.title, to_mathml(entry.formula), entry.file.why)
        for name, entry in sorted(world.properties.items())
    ]
    if properties:
        yield table(("what must hold", "title", "formula", "why"), properties)
    if world.objective is not None:
        yield paragraphs([f"Objective: {facts.objective_text(world)}. {world.objective.why}"])
