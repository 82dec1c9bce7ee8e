"""A chunk of a world's mechanisms as one LLVM function: forward, or the reverse of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from worldmodel.kernel.adjoint import adjoint
from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.emit import Emitter
from worldmodel.kernel.graph import Graph
from worldmodel.kernel.plan import HOLD, Plan
from worldmodel.kernel.trace import Names, bounded, draw, mechanism_names, nearest

FORWARD_ARGUMENTS = (
    "ptr %frames, ptr %starts, ptr %parameters, ptr %actions, i64 %stride, ptr %noise, ptr %rivals, "
    "ptr %tables, ptr %cubics, ptr %flags, ptr %settings, double %time, ptr %good"
)
REVERSE_ARGUMENTS = (
    FORWARD_ARGUMENTS + ", ptr %adjoints, ptr %gradient_starts, ptr %gradient_parameters, ptr %gradient_actions"
)
Input = tuple[str | int, ...]


@dataclass(frozen=True)
class Traced:
    """A variable's value and where it is good, as nodes; `finite` where its being finite is left to be asked."""

    value: int
    good: int
    finite: bool = False


def trace_variable(graph: Graph, plan: Plan, name: str, current: Mapping[str, int], settable: bool) -> Traced:
    """A variable's value of this step; `settable` where interventions may set it."""
    support = plan.support(name)
    if name in plan.actions:
        value, good = nearest(graph, support, _chosen(graph, plan, name)), graph.truth(True)
    else:
        value, good = _assigned(graph, plan, name, current)
    if support.unbounded and not settable:
        return Traced(value, good, finite=True)
    good = graph.add("and", good, bounded(graph, support, value))
    if settable:
        row = plan.rows[name]
        is_set = graph.add("lt", graph.number(0.0), graph.input("flag", row))
        value = graph.add("select", is_set, graph.input("setting", row), value)
        good = graph.add("or", is_set, good)
    return Traced(value, good)


def _chosen(graph: Graph, plan: Plan, action: str) -> int:
    """What an action's rule says, NaN where its law is not one; or what the caller says."""
    place = plan.actions.index(action)
    rule = plan.rules[place]
    if rule is None:
        return graph.input("action", place)
    if rule == HOLD:
        return graph.input("lag", plan.rows[action], 1)
    mechanism = plan.world.mechanisms[rule]
    names = mechanism_names(graph, plan, mechanism, {})
    value, valid = draw(graph, plan, mechanism, names, _noise(graph, plan, rule))
    return graph.add("select", valid, value, graph.number(float("nan")))


def _noise(graph: Graph, plan: Plan, mechanism: str) -> int:
    return graph.input("noise", plan.noise_rows.get(f"mechanism:{mechanism}", -1))


def _assigned(graph: Graph, plan: Plan, name: str, current: Mapping[str, int]) -> tuple[int, int]:
    """A variable's draw by its mechanism, or by the rival that holds."""
    answer: tuple[int, int] | None = None
    mechanisms = plan.competing(name)
    for place, mechanism in enumerate(mechanisms):
        names: Names = mechanism_names(graph, plan, mechanism, current)
        value, valid = draw(graph, plan, mechanism, names, _noise(graph, plan, mechanism.file.id))
        if len(mechanisms) == 1:
            return value, valid
        holds = graph.add("eq", graph.input("rival", plan.rivals.index(name)), graph.number(float(place)))
        if answer is None:
            answer = value, graph.add("and", holds, valid)
        else:
            fine = graph.add("or", answer[1], graph.add("and", holds, valid))
            answer = graph.add("select", holds, value, answer[0]), fine
    assert answer is not None, f"the checker lets no variable without a mechanism through: {name}"
    return answer


def _loader(plan: Plan, chunk: int) -> "_Loader":
    return _Loader(sum(len(sites) for sites in plan.sites[:chunk]))


@dataclass
class _Loader:
    """Reads inputs from memory; `first_site` is the first noise row of the chunk, whose rows alone are in memory."""

    first_site: int

    def __call__(self, code: Assembly, name: Input) -> str:
        source, *places = name
        place = int(places[0]) if places else 0
        match source:
            case "now":
                return code.load(frame(code, "%frames", 0), place)
            case "lag":
                return code.load(frame(code, "%frames", int(places[1])), place)
            case "start":
                return code.load("%starts", place)
            case "parameter":
                return code.load("%parameters", place)
            case "action":
                return load_strided(code, "%actions", place)
            case "noise":
                return code.load("%noise", place - self.first_site)
            case "rival":
                return code.load("%rivals", place)
            case "time":
                return code.splat("%time")
            case "flag" | "setting":
                base = "%flags" if source == "flag" else "%settings"
                return code.splat(code.op(f"load double, ptr {code.at(base, str(place))}, align 8"))
            case "adjoint":
                return code.load(frame(code, "%adjoints", 0), place)
            case _:
                raise AssertionError(f"no source {source}")


def frame(code: Assembly, frames: str, lag: int) -> str:
    """The address of the frame some steps ago."""
    return code.op(f"load ptr, ptr {code.at(frames, str(lag), 'ptr')}, align 8")


def strided(code: Assembly, base: str, row: int) -> str:
    """The address of a row of an array whose rows are `%stride` lanes apart."""
    place = base if row == 0 else code.at(base, code.whole("mul", "%stride", str(row)))
    return code.at(place, code.offset)


def load_strided(code: Assembly, base: str, row: int) -> str:
    """The vector at a row of such an array."""
    return code.op(f"load {code.reals}, ptr {strided(code, base, row)}, align 8")


@contextmanager
def _parts(tile: int, width: int) -> Iterator[Assembly]:
    """The body of a function that goes over a tile's lanes in vectors of some width."""
    code = Assembly(width, tile)
    with code.loop(str(tile // width)) as part:
        code.offset = code.whole("mul", part, str(width))
        yield code
    code.do("ret void")


def forward_chunk(plan: Plan, chunk: int, tile: int, width: int, settable: bool) -> str:
    """`@forward_N`: the values of this chunk's variables into the newest frame, and `good` where they are good."""
    graph = Graph()
    current: dict[str, int] = {}
    good, zero = graph.truth(True), graph.number(0.0)
    nothing = [zero, zero]  # sums of 0 · x over all x that must be finite: 0, or NaN where one is not
    for name in plan.chunks[chunk]:
        traced = trace_variable(graph, plan, name, current, settable)
        current[name] = traced.value
        good = graph.add("and", good, traced.good)
        if traced.finite:
            nothing = [nothing[1], graph.add("fma", traced.value, zero, nothing[0])]
    if nothing[1] != zero:
        good = graph.add("and", good, graph.add("eq", graph.add("add", *nothing), zero))
    with _parts(tile, width) as code:
        emitter = Emitter(code, graph, _loader(plan, chunk))
        emitter.write([*current.values(), good])
        newest = frame(code, "%frames", 0)
        for name, value in current.items():
            code.store(emitter.name(value), newest, plan.rows[name])
        flags = _good(code)
        before = code.op(f"load {code.words}, ptr {flags}, align 32")
        here = code.op(f"sext {code.flags} {emitter.name(good)} to {code.words}")
        code.do(f"store {code.words} {code.integer('and', before, here)}, ptr {flags}, align 32")
    return code.text(f"define internal void @forward_{chunk}({FORWARD_ARGUMENTS}) nounwind")


def _good(code: Assembly) -> str:
    return code.at("%good", code.offset, "i64")


def reverse_chunk(plan: Plan, chunk: int, tile: int, width: int, settable: bool) -> str:
    """`@reverse_N`: from the newest adjoint frame, whose later chunks are done, derivatives of all that is read."""
    graph = Graph()
    gathered: dict[Input, int] = {}
    for name in reversed(plan.chunks[chunk]):
        row = plan.rows[name]
        derivative = graph.input("adjoint", row)
        if ("now", row) in gathered:
            derivative = graph.add("add", derivative, gathered.pop(("now", row)))
        traced = trace_variable(graph, plan, name, {}, settable)
        for source, node in adjoint(graph, traced.value, derivative).items():
            if source[0] in _WANTED:
                gathered[source] = node if source not in gathered else graph.add("add", gathered[source], node)
    with _parts(tile, width) as code:
        _write_reverse(code, plan, chunk, graph, gathered)
    return code.text(f"define internal void @reverse_{chunk}({REVERSE_ARGUMENTS}) nounwind")


_WANTED = frozenset({"now", "lag", "start", "parameter", "action"})


def _write_reverse(code: Assembly, plan: Plan, chunk: int, graph: Graph, gathered: Mapping[Input, int]) -> None:
    good = code.op(f"load {code.words}, ptr {_good(code)}, align 32")
    flags = code.op(f"icmp ne {code.words} {good}, zeroinitializer")
    emitter = Emitter(code, graph, _loader(plan, chunk))
    # each as soon as it is known, so that few numbers are on the way at a time
    for source, node in sorted(gathered.items(), key=lambda entry: entry[1]):
        emitter.write([node])
        # a trajectory that fails in this step has said its last: no NaN comes back from what failed
        derivative = code.select(flags, emitter.name(node), code.real(0.0))
        place = _target(code, source)
        if source[0] != "action":
            before = code.op(f"load {code.reals}, ptr {place}, align 32")
            derivative = code.add(before, derivative)
        code.do(f"store {code.reals} {derivative}, ptr {place}, align 8")


def _target(code: Assembly, source: Input) -> str:
    place = int(source[1])
    match source[0]:
        case "now":
            return code.row(frame(code, "%adjoints", 0), place)
        case "lag":
            return code.row(frame(code, "%adjoints", int(source[2])), place)
        case "start":
            return code.row("%gradient_starts", place)
        case "parameter":
            return code.row("%gradient_parameters", place)
        case _:
            return strided(code, "%gradient_actions", place)
