"""Files that an untrusted author could send: each one is legal in size and made to cost time, memory or the stack.

Each case is the files that it changes in the tank of `conftest.py`, by path. The battery of `test_hostile.py` and
`benchmarks/hostile.py` run them.
"""

from collections.abc import Iterator, Mapping

from tests.worldmodel.conftest import HEADER, INFLOW, LEVEL, variable

ROOM = 60_000
"""Characters that a hostile part may fill beside the rest of a file of 64 KiB."""

Files = Mapping[str, str | bytes]

WORLD, MECHANISM, VARIABLE = "world.toml", "mechanisms/inflow.toml", "variables/level.toml"


def cases() -> dict[str, Files]:
    """Every case by name."""
    return dict(
        [
            *_toml(),
            *_texts(),
            *_values(),
            *_units(),
            *_posteriors(),
            *_many(),
            *_bindings(),
            *_sets_of_sets(),
            *_tables(),
        ]
    )


def _repeat(text: str, room: int = ROOM) -> str:
    return text * (room // len(text))


def _numbered(form: str, room: int = ROOM) -> str:
    """As many numbered lines as fit."""
    lines, size, number = [], 0, 0
    while size < room:
        lines.append(form.format(n=number))
        size += len(lines[-1]) + 1
        number += 1
    return "\n".join(lines)


def _toml() -> Iterator[tuple[str, Files]]:
    """What the TOML reader itself must withstand."""
    for name, text in {
        "open brackets": "a = " + "[" * ROOM,
        "closed brackets": "a = " + "[" * (ROOM // 2) + "]" * (ROOM // 2),
        "open tables": "a = " + "{a=" * (ROOM // 3),
        "brackets of a table": "[" * ROOM,
        "dotted key": "a." * (ROOM // 2) + "a = 1",
        "spaced dotted key": "a . " * (ROOM // 4) + "a = 1",
        "quoted dotted key": '"a".' * (ROOM // 4) + "a = 1",
        "dotted keys on many lines": _numbered("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p{n} = 1"),
        "dotted table": "[" + "a." * (ROOM // 2) + "a]",
        "many tables": _numbered("[a{n}]"),
        "deep tables": _numbered("[a.b.c.d.e.f.g.h.i.j.k.l.m.n{n}]"),
        "many arrays of tables": _repeat("[[a]]\n"),
        "many keys": _numbered("a{n} = 1"),
        "duplicate keys": _repeat("a = 1\n"),
        "duplicate tables": _repeat("[a]\n"),
        "huge integer": "a = " + "9" * ROOM,
        "huge hexadecimal": "a = 0x" + "f" * ROOM,
        "huge binary": "a = 0b" + "1" * ROOM,
        "huge underscored integer": "a = " + "1_" * (ROOM // 2) + "1",
        "huge fraction": "a = 0." + "1" * ROOM,
        "huge exponent": "a = 1e" + "9" * ROOM,
        "infinities": "a = [" + "inf," * (ROOM // 4) + "]",
        "dates": "a = [" + "1979-05-27," * (ROOM // 11) + "]",
        "fine seconds": "a = 1979-05-27T00:32:00." + "9" * ROOM,
        "long line": "a = '" + "a" * ROOM + "'",
        "long key": "a" * ROOM + " = 1",
        "long comment": "#" + "a" * ROOM,
        "open string": 'a = "' + "a" * ROOM,
        "open block string": 'a = """' + "a" * ROOM,
        "backslashes": 'a = "' + "\\" * ROOM,
        "escaped quotes": 'a = "' + '\\"' * (ROOM // 2),
        "quotes": '"' * ROOM,
        "apostrophes": "'" * ROOM,
        "triples": "'''" + '"""' * (ROOM // 3),
        "folded lines": 'a = """' + "\\\n" * (ROOM // 2) + '"""',
        "giant array": "a = [" + "1," * (ROOM // 2) + "]",
        "array of arrays": "a = [" + "[]," * (ROOM // 3) + "]",
        "array of tables": "a = [" + "{}," * (ROOM // 3) + "]",
        "zero bytes": "a = " + "\x00" * ROOM,
        "controls": "\x07\n" * (ROOM // 2),
        "hidden lines": "\u202e\n" * (ROOM // 4),
        "hidden keys": _numbered('"\\u202e{n}" = 1'),
        "marks": "# " + "e" + "\u0301" * (ROOM // 2),
        "marked lines": "#e\u0301\n" * (ROOM // 5),
        "hangul": "#" + "\u1100\u1161\u11a8" * (ROOM // 9),
        "expanding": "#" + "\ufdfa" * (ROOM // 3),
        "spaces": " " * ROOM,
        "returns": "\r" * ROOM,
        "line ends": "\r\n" * (ROOM // 2),
    }.items():
        yield f"toml: {name}", {WORLD: text}
    yield "toml: not utf-8", {WORLD: b"\xff" * ROOM}
    yield "toml: surrogates", {WORLD: b"\xed\xa0\x80" * (ROOM // 3)}
    yield "toml: utf-16", {WORLD: HEADER.encode("utf-16")}
    yield "toml: too large", {WORLD: "#" * 10_000_000}


def _law(text: str) -> Files:
    return {MECHANISM: INFLOW.replace("LogNormal(m, s)", text)}


def _texts() -> Iterator[tuple[str, Files]]:
    """What the grammar and everything behind it must withstand."""
    for name, text in {
        "open parentheses": "(" * 3_999,
        "parentheses": "(" * 1_900 + "m" + ")" * 1_900,
        "minuses": "-" * 3_990 + "m",
        "nots": "not " * 990 + "m",
        "powers": "m" + "^m" * 1_900,
        "tower of numbers": "LogNormal(" + "9^" * 40 + "9, s)",
        "sum": "m" + "+m" * 1_900,
        "ifs": "if m < s then 1 else " * 180 + "1",
        "ifs in conditions": "if " * 1_000,
        "comparisons": "m" + "<m" * 1_900,
        "calls": "min(" * 900 + "m",
        "arguments": "min(" + "m," * 1_900 + "m)",
        "families": "Normal(" * 500,
        "mixtures": "Mixture(1, " * 300 + "Delta(1)",
        "truncations": "Truncated(" * 350 + "Normal(0, 1)" + ", 0, 1)" * 30,
        "brackets": "m[" * 1_900,
        "indices": "level[" + "m," * 1_900 + "t]",
        "aggregates": "sum(" * 900 + "m" + " over a)" * 90,
        "aggregate over many": "sum(m over " + "a, " * 1_200 + "a)",
        "digits": "1" * 3_999,
        "exponent": "1e" + "9" * 3_990,
        "dots": "." * 3_999,
        "commas": "," * 3_999,
        "spaces": " " * 3_999,
        "name": "m" * 3_999,
        "letters": "é" * 3_999,
        "fullwidth": "ｅｘｐ(m)" * 500,
        "code": "__import__('os').system('true')",
        "lambda": "(lambda: 1)()",
        "format": "{m.__class__}" * 300,
        "lag": "level[t-" + "9" * 3_900 + "]",
        "many names": " + ".join(f"a{number}" for number in range(290)),
        "unlike units": " + ".join(f"level[t-{number}]" for number in range(1, 240)) + " + inflow[t-1]",
        "powers of units": "level[t-1]" + "^9" * 38,
        "product of units": "LogNormal(" + "*".join(["level[t-1]"] * 290) + ", s)",
        "large powers of units": "(((level[t-1]^1e300)^1e300)^1e300)^-1e300",
    }.items():
        yield f"law: {name}", _law(text)
    yield "law: too many characters", _law("m" * 60_000)
    for name, text in {
        "path": "P(level < 1 within 10000) > 0",
        "deep": "P(" * 1_900,
        "far": "P(level<1 within 99999)>0",
    }.items():
        claims = _repeat(f'[[claims]]\nclaim = "{text}"\n', 50_000)
        yield f"claims: {name}", {MECHANISM: INFLOW + claims}


def _values() -> Iterator[tuple[str, Files]]:
    """What the models of the components must withstand."""
    yield "fields: unknown", {MECHANISM: _numbered("titel{n} = 1") + "\n" + INFLOW}
    yield "fields: unknown parameters", {MECHANISM: INFLOW + _numbered("[parameters.a{n}]\nx = 1")}
    yield "fields: bad parameters", {MECHANISM: INFLOW + _numbered("[parameters.A{n}]")}
    yield "fields: unused parameters", {MECHANISM: INFLOW + _numbered('[parameters.a{n}]\nprior="Beta(1,1)"\nwhy="x"')}
    yield "fields: unknown constants", {MECHANISM: INFLOW + _numbered("[constants.a{n}]\nvalue = true")}
    yield "fields: long wrong value", {MECHANISM: INFLOW.replace('title = "Rain"', f"title = [{_repeat('1,')}]")}
    yield "fields: wrong values", {MECHANISM: INFLOW + f"[[sources]]\nref = 'x'\nsupports = [{_repeat('1,')}]"}
    yield "fields: sources", {MECHANISM: INFLOW + _repeat("[[sources]]\n")}
    yield "fields: claims", {MECHANISM: INFLOW + _repeat("[[claims]]\n")}
    yield "fields: laws before step 1", {VARIABLE: variable("level", "m**3").replace('"Delta(1)"', _repeat('"",'))}
    yield "fields: values", {VARIABLE: variable("level", "m**3") + f"values = [{_repeat(chr(39) * 2 + ',')}]"}
    yield "fields: equal values", {VARIABLE: variable("level", "m**3") + "values = [" + _repeat("'a',") + "]"}
    yield "fields: rivals", {WORLD: HEADER + "[rivals.level]\n" + _numbered("a{n} = 1")}
    yield "fields: rivals of many", {WORLD: HEADER + _numbered("[rivals.a{n}]\na = 1")}
    yield (
        "fields: huge numbers",
        {VARIABLE: variable("level", "m**3").replace("lower = 0", "lower = 1e308\nupper = -1e308")},
    )
    yield "fields: identifier", {VARIABLE: variable("level", "m**3").replace('id = "level"', f'id = "{"a" * ROOM}"')}
    yield (
        "fields: identifier with an end",
        {VARIABLE: variable("level", "m**3").replace('id = "level"', 'id = "level\\n"')},
    )
    yield "fields: nothing", {MECHANISM: ""}


def _units() -> Iterator[tuple[str, Files]]:
    for name, text in {
        "exponent": "m**999999999",
        "tower": "9**9**9**9**9",
        "tower of metres": "m**9**9**9**9",
        "long product": "*".join(["m"] * 40),
        "very long product": "*".join(["m"] * 1_900),
        "parentheses": "(" * 79,
        "many parentheses": "(" * 3_990,
        "prefixes": "kilo" * 19 + "m",
        "name": "a" * 80,
        "stars": "*" * 80,
        "spaces": " " * 3_990,
        "spaces inside": "m" + " " * 70 + "x",
        "division by nothing": "1/" * 40,
        "code": "__import__('os')",
        "offset": "degC*degF",
        "digits": "9" * 79,
    }.items():
        yield f"unit: {name}", {VARIABLE: variable("level", text)}
    many = _numbered('[constants.a{n}]\nvalue = 1\nunit = "q{n}"\nwhy = "x"')
    yield "unit: many unknown", {MECHANISM: INFLOW + many}


def _posteriors() -> Iterator[tuple[str, Files]]:
    head = """format = 1
id = "inflow"
mechanism_digest = "sha256:{zeros}"
data_digest = "sha256:{zeros}"
method = "x"
observations = 1
log_evidence = 0
""".format(zeros="0" * 64)
    tail = "[diagnostics]\neffective_draws = 1\n[parameters.m]\nscale = 'log'\nbits = 0\n"
    tail += "mean = {mean}\nsd = {sd}\ngrid = {grid}\n"
    for size in (50, 150):
        order = ",".join(f"'a{number}'" for number in range(size))
        rows = ",".join(
            "[" + ",".join("1" if row == column else "0" for column in range(size)) + "]" for row in range(size)
        )
        text = f"{head}order = [{order}]\ncorrelation = [{rows}]\n" + tail.format(mean=0, sd=1, grid=0.5)
        yield f"posterior: {size} parameters", {"posteriors/inflow.toml": text}
    for mean, sd, grid in (("1e308", "1e-308", "5e-309"), ("1e308", "5e-324", "5e-324"), ("1e-320", "1e308", "5e307")):
        text = f"{head}order = ['m']\ncorrelation = [[1]]\n" + tail.format(mean=mean, sd=sd, grid=grid)
        yield f"posterior: mean {mean} on a grid of {grid}", {"posteriors/inflow.toml": text}
    ragged = f"{head}order = ['m']\ncorrelation = [{'[],' * 15_000}]\n" + tail.format(mean=0, sd=1, grid=0.5)
    yield "posterior: ragged", {"posteriors/inflow.toml": ragged}


def _many() -> Iterator[tuple[str, Files]]:
    """Several files that are harmless one by one."""
    broken = {f"mechanisms/a{number}.toml": "" for number in range(50)}
    yield "many: empty mechanisms", broken
    yield "many: misplaced", {f"a{number}/b.toml": "" for number in range(50)}
    yield "many: long path", {"mechanisms/" + "a" * 4_000 + ".toml": ""}
    yield "many: name with a line end", {"mechanisms/a\n.toml": ""}
    circle = LEVEL.replace("inflow[t]", "inflow[t] + 0 * level[t] / step")
    yield "many: circle", {"mechanisms/level.toml": circle}


def _bindings() -> Iterator[tuple[str, Files]]:
    """Bindings that double, chain or go in a circle."""
    let = '[let.{name}]\nvalue = "{value}"\nwhy = "x"\n'
    for name, value in {
        "doubling": "a{before} + a{before}",
        "growing": " + ".join(["a{before}"] * 100),
        "summing": "sum(sum(sum(sum(a{before} over r) over s) over u) over v)",
        "asking": "if a{before} > 0 then a{before} else a{before}",
        "powers": "(a{before}^9)^9",
    }.items():
        steps = min(900, 60_000 // (len(value) + 40))
        rest = "".join(let.format(name=f"a{n}", value=value.format(before=n - 1)) for n in range(1, steps))
        bomb = _law(f"LogNormal(m * a{steps - 1}, s)")[MECHANISM]
        assert isinstance(bomb, str)
        text = bomb + let.format(name="a0", value="level[t-1] / level[t-1]") + rest
        yield f"let: {name}", {WORLD: HEADER + _sets(4, 900), MECHANISM: text}
    circle = "".join(let.format(name=f"a{n}", value=f"a{(n + 1) % 190}") for n in range(190))
    yield "let: circle", {MECHANISM: INFLOW.replace("LogNormal(m, s)", "LogNormal(m * a0, s)") + circle}
    chain = "".join(let.format(name=f"a{n:03}", value=f"a{n + 1:03}") for n in range(189)) + let.format(
        name="a189", value="1"
    )
    yield (
        "let: chain with a fault",
        {MECHANISM: INFLOW.replace("LogNormal(m, s)", "LogNormal(m * a000 * q, s)") + chain},
    )


def _sets_of_sets() -> Iterator[tuple[str, Files]]:
    """Index sets, and what is over them, that grow when they are written out."""
    for count, size in ((1, 14_000), (4, 3_000), (40, 300), (1_000, 9)):
        nested = "m"
        for number in range(min(count, 38)):
            nested = f"sum({nested} over {_set(number)})"
        yield (
            f"aggregate: over {count} sets of {size}",
            {WORLD: HEADER + _sets(count, size), **_law(f"LogNormal({nested}, s)")},
        )
        over = ", ".join(_set(number) for number in range(min(count, 200)))
        yield (
            f"aggregate: at once over {count} sets of {size}",
            {
                WORLD: HEADER + _sets(count, size),
                **_law(f"LogNormal(sum(m over {over}), s)"),
            },
        )
        axes = ", ".join(f'"{_set(number)}"' for number in range(min(count, 8)))
        family = variable("level", "m**3").replace("[support]", f"over = [{axes}]\n[support]")
        yield f"family: over {count} sets of {size}", {WORLD: HEADER + _sets(count, size), VARIABLE: family}
        parameter = INFLOW.replace('why = "spread', f'over = [{axes}]\nwhy = "spread')
        yield f"parameter: over {count} sets of {size}", {WORLD: HEADER + _sets(count, size), MECHANISM: parameter}
        table = f'[tables.table]\nby = [{axes}]\nwhy = "x"\nrows = [{"1," * 4_000}]\n'
        yield f"table: by {count} sets of {size}", {WORLD: HEADER + _sets(count, size), MECHANISM: INFLOW + table}


def _tables() -> Iterator[tuple[str, Files]]:
    """Tables, shared numbers and hierarchical priors without end."""
    yield "indices: equal elements", {WORLD: HEADER + f"[indices]\nr = [{_repeat(chr(39) + 'a' + chr(39) + ',')}]"}
    yield "indices: many sets", {WORLD: HEADER + "[indices]\n" + _numbered("r{n} = ['a']")}
    table = '[tables.table]\nby = ["t"]\nwhy = "x"\nrows = {rows}\n'
    deep = "[" * 15 + "1" + "]" * 15
    for name, rows in {"deep": deep, "wide": f"[{'[1],' * 14_000}]", "keyed": f"{{ {'a.' * 13}a = 1 }}"}.items():
        yield f"table: {name}", {MECHANISM: INFLOW + table.format(rows=rows)}
    yield "table: many", {MECHANISM: INFLOW + _numbered('[tables.a{n}]\nby=["t"]\nwhy="x"\nrows=[1]')}
    prior = '[parameters.{name}]\nprior = "Normal({value}, 1)"\nwhy = "x"\n'
    circle = "".join(prior.format(name=f"a{n}", value=f"a{(n + 1) % 190}") for n in range(190))
    yield "priors: circle", {MECHANISM: INFLOW + circle}
    chain = "".join(prior.format(name=f"a{n}", value=f"a{n + 1}") for n in range(190))
    yield "priors: chain", {MECHANISM: INFLOW + chain}
    many = "".join(prior.format(name=f"a{n}", value="b") for n in range(900))
    yield "priors: many", {MECHANISM: INFLOW + many}
    yield "constants: many shared", {WORLD: HEADER + _numbered('[constants.a{n}]\nvalue=1\nunit="q{n}"\nwhy="x"')}
    yield "assigns: many indices", {MECHANISM: INFLOW.replace('"inflow"\ntitle', f'"inflow[{"a," * 20_000}a]"\ntitle')}


def _set(number: int) -> str:
    """The name of an index set; the first ones have one letter, which is short."""
    return "rsuv"[number] if number < 4 else f"r{number}"


def _sets(count: int, size: int) -> str:
    """As many index sets of so many elements as fit in a file."""
    members = range(min(size, ROOM // (count * 8)))
    lines = []
    for number in range(count):
        letter = chr(ord("z") - number % 20)
        lines.append(f"{_set(number)} = [{','.join(f'{chr(39)}{letter}{place}{chr(39)}' for place in members)}]")
    return "[indices]\n" + "\n".join(lines) + "\n"
