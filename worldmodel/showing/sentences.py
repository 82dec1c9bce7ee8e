"""One component before and after, told in sentences: every leaf that differs is told once at least."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.posterior import PosteriorFile
from worldmodel.language.ir import Formula, Law, Variable
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.readings.natural import Known, Learned, known_after, known_before
from worldmodel.scope import world_scope
from worldmodel.showing.edits import edits
from worldmodel.showing.leaves import ABSENT, leaves, phrase, unit_of, with_named_rows
from worldmodel.showing.ratios import change_in_words, from_to, spelled, told_apart
from worldmodel.showing.renames import Names
from worldmodel.showing.sides import Side, Text

Kind = Literal["added", "removed", "renamed", "text", "number", "reads", "prior", "posterior", "list", "spelling"]

_ENTRIES = ("parameters", "constants", "let", "tables")
_MOST_CELLS = 6


@dataclass(frozen=True)
class Told:
    """One change of a component: the key of the part, what it was and is, and the sentence."""

    part: str
    kind: Kind
    before: Any
    after: Any
    sentence: str


def tell(name: str, before: Side, after: Side, names: Names, path: str) -> Iterator[Told]:
    """Everything that differs between two versions of the component that is called `name` in sentences."""
    values, others = _values(before), _values(after)
    raw, old, new = leaves(values), leaves(names.values(path, values)), leaves(others)
    yield from (
        *_entries(name, old, new),
        *_posteriors(name, before, after, old, new),
        *_cells(name, old, new, after),
    )
    texts = {key: (text, names.text(text)) for key, text in before.texts.items()}
    for key in sorted({*old, *new}):
        was, now = old.get(key, ABSENT), new.get(key, ABSENT)
        if was == now:
            if raw.get(key, ABSENT) != now:
                yield Told(key, "spelling", raw.get(key), now, f"The {phrase(key)} of {name} follows a new name.")
            continue
        if key in texts and key in after.texts:
            yield from _text(name, key, *texts[key], after.texts[key], was, now)
        elif key == "claims":
            yield _claims(name, before, after, names, (was, now))
        else:
            yield _leaf(name, key, was, now, unit_of(after.file, key))
    yield from _reads(name, {key: text for key, (_, text) in texts.items()}, after.texts)


def _values(side: Side) -> dict[str, Any]:
    scope = world_scope(side.world.header, side.world.variables)
    return with_named_rows(side.file.model_dump(mode="json", exclude={"id"}), scope)


def _entries(name: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Told]:
    """Parameters, constants, bindings and tables that came or went; their leaves are then told."""
    for kind in _ENTRIES:
        owned = [{key.split(".")[1] for key in side if key.startswith(f"{kind}.")} for side in (old, new)]
        for entry in sorted(owned[0] ^ owned[1]):
            side, word = (old, "removed") if entry in owned[0] else (new, "added")
            prefix = f"{kind}.{entry}."
            values = {key.removeprefix(prefix): side.pop(key) for key in list(side) if key.startswith(prefix)}
            what = {"let": "binding"}.get(kind, kind.removesuffix("s"))
            said = values.get("prior") or values.get("value") or ""
            said = f" ({said}{spelled(values.get('unit', '1'))})" if said != "" and kind != "tables" else ""
            sentence = f"The {what} {entry}{said} of {name} was {word}."
            was, now = (values, None) if word == "removed" else (None, values)
            yield Told(f"{kind}.{entry}", _came(word), was, now, sentence)


def _came(word: str) -> Kind:
    return "added" if word == "added" else "removed"


def _text(name: str, key: str, original: Text, was: Text, now: Text, old: str, new: str) -> Iterator[Told]:
    """A text of the language: its edits, and how wide a prior got; or why there are none."""
    what = f"The {phrase(key)} of {name}"
    found = edits(was, now)
    if found:
        if key.endswith(".prior") and isinstance(was, Law) and isinstance(now, Law):
            yield from _prior(what, key, was, now)
        yield from (Told(key, "text", old, new, f"{what} {edit.words}.") for edit in found)
    elif was != now:
        yield Told(key, "spelling", old, new, f"{what} has its terms or factors in another order, and no other change.")
    elif original != now:
        yield Told(key, "spelling", old, new, f"{what} follows a new name: “{new}”.")
    else:
        yield Told(key, "spelling", old, new, f"{what} is written differently and means the same.")


def _prior(what: str, key: str, was: Law, now: Law) -> Iterator[Told]:
    before, after = known_before(was), known_before(now)
    if before is None or after is None:
        return
    ends = told_apart([before.low, before.high], [after.low, after.high])
    intervals = " → ".join(" to ".join(pair) for pair in ends)
    said = f"{what} {_moved(before, after)}: 90 % interval {intervals}."
    yield Told(key, "prior", _interval(before), _interval(after), said)


def _interval(known: Known) -> dict[str, float]:
    return {"low": known.low, "median": known.median, "high": known.high}


def _moved(before: Known, after: Known) -> str:
    """How one interval became another."""
    widths = before.high - before.low, after.high - after.low
    words = []
    if before.median * after.median < 0:
        words.append("CHANGED SIGN")
    elif abs(after.median - before.median) > 0.01 * max(widths):
        words.append(f"moved {'up' if after.median > before.median else 'down'}")
    if widths[1] < 0.99 * widths[0]:
        words.append("got tighter")
    elif widths[1] > 1.01 * widths[0]:
        words.append("got wider")
    return " and ".join(words) or "changed little"


def _posteriors(name: str, before: Side, after: Side, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Told]:
    """What data say of each parameter, in its own unit."""
    if not isinstance(before.file, PosteriorFile) or not isinstance(after.file, PosteriorFile):
        return
    mechanisms = before.world.mechanisms.get(before.file.id), after.world.mechanisms.get(after.file.id)
    for parameter in sorted(before.file.parameters.keys() & after.file.parameters.keys()):
        priors = [None if owner is None else owner.priors.get(parameter.partition("[")[0]) for owner in mechanisms]
        entries = before.file.parameters[parameter], after.file.parameters[parameter]
        if None in priors or entries[0] == entries[1] or mechanisms[1] is None:
            continue
        known = [known_after(entry, prior) for entry, prior in zip(entries, priors, strict=True) if prior is not None]
        if (known[0].mean, known[0].sd) == (known[1].mean, known[1].sd):
            continue
        unit = mechanisms[1].file.parameters[parameter.partition("[")[0]].unit
        for leaf in ("scale", "mean", "sd"):
            old.pop(f"parameters.{parameter}.{leaf}", None)
            new.pop(f"parameters.{parameter}.{leaf}", None)
        yield _learned(name, parameter, known[0], known[1], unit)


def _learned(name: str, parameter: str, was: Learned, now: Learned, unit: str) -> Told:
    mean = "kept its mean" if was.mean == now.mean else f"has a mean that {change_in_words(was.mean, now.mean)}"
    numbers = from_to(was.mean, now.mean, unit) if was.mean != now.mean else f"{now.mean:.3g}{spelled(unit)}"
    spread = f"sd {from_to(was.sd, now.sd)}" if was.sd != now.sd else f"the same sd {now.sd:.3g}"
    said = f"{parameter} in the {name} {mean}: {numbers}; {spread}."
    return Told(f"parameters.{parameter}", "posterior", _moments(was), _moments(now), said)


def _moments(known: Learned) -> dict[str, float]:
    return {"mean": known.mean, "sd": known.sd}


def _cells(name: str, old: dict[str, Any], new: dict[str, Any], after: Side) -> Iterator[Told]:
    """Tables of which many entries changed: how many, and the largest change."""
    tables = {key.partition(".rows.")[0] for key in old.keys() & new.keys() if ".rows." in key}
    for table in sorted(tables):
        keys = [key for key in old.keys() & new.keys() if key.startswith(f"{table}.rows.")]
        changed = [key for key in keys if old[key] != new[key]]
        if len(changed) <= _MOST_CELLS:
            continue
        largest = max(sorted(changed), key=lambda key: abs(new[key] - old[key]))
        example = f"{phrase(largest)} {from_to(old[largest], new[largest], unit_of(after.file, largest))}"
        said = f"{len(changed)} of {len(keys)} entries of {phrase(table)} of {name} changed, most of all {example}."
        was, now = ({key: side.pop(key) for key in changed} for side in (old, new))
        yield Told(table, "number", was, now, said)


def _leaf(name: str, key: str, was: Any, now: Any, unit: str) -> Told:
    """Anything else: a number, a list, a yes or no, or words for people."""
    what = f"The {phrase(key)} of {name}"
    if was is ABSENT or now is ABSENT or was is None or now is None:
        came = was is ABSENT or was is None
        said = f"{what} {'is now' if came else 'is gone; it was'} {_shown(now if came else was)}."
        return Told(key, "added" if came else "removed", _plain(was), _plain(now), said)
    if _number(was) and _number(now):
        said = f"{what} {change_in_words(was, now)}: {from_to(was, now, unit)}."
        return Told(key, "number", was, now, said)
    if isinstance(was, list) and isinstance(now, list):
        return Told(key, "list", was, now, f"{what} {_listed(was, now)}.")
    return Told(key, "text", was, now, f"{what} is now {_shown(now)}; it was {_shown(was)}.")


def _claims(name: str, before: Side, after: Side, names: Names, pair: tuple[Any, Any]) -> Told:
    """Which claims came and went; those that follow a new name did neither."""
    was = [render(names.text(claim)) for claim in _formulas(before)]
    now = [render(claim) for claim in _formulas(after)]
    said = _listed(was, now) if was != now else "follow new names, or are written differently and mean the same"
    return Told("claims", "list", pair[0], pair[1], sentence=f"The claims of {name} {said}.")


def _formulas(side: Side) -> tuple[Formula, ...]:
    return side.world.mechanisms[side.file.id].claims if isinstance(side.file, MechanismFile) else ()


def _listed(was: list[Any], now: list[Any]) -> str:
    """What came into a list and what left it."""
    came = [_shown(item) for item in now if item not in was]
    gone = [_shown(item) for item in was if item not in now]
    words = [f"gained {', '.join(came)}"] if came else []
    words += [f"lost {', '.join(gone)}"] if gone else []
    return " and ".join(words) or f"is in another order: {', '.join(map(_shown, now))}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    return None if value is ABSENT else value


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return f"“{' '.join(value.split())}”"
        case dict():
            return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items() if inner not in ([], None))
        case _:
            return str(value)


def _reads(name: str, old: Mapping[str, Text], new: Mapping[str, Text]) -> Iterator[Told]:
    """Which inputs a law gained and lost."""
    was, now = _inputs(old), _inputs(new)
    for gone in sorted(was - now):
        yield Told("law", "reads", gone, None, f"The law of {name} no longer reads {gone}.")
    for came in sorted(now - was):
        yield Told("law", "reads", None, came, f"The law of {name} now reads {came}.")


def _inputs(texts: Mapping[str, Text]) -> set[str]:
    laws = [text for key, text in texts.items() if key == "law" or key.startswith("let.")]
    return {render(node) for law in laws for node in walk(law) if isinstance(node, Variable)}
