"""Whether two worlds let a variable come about in the same way, whatever their texts say (extensional equality).

Three means, tried in this order: algebra (the laws' normal forms agree, parameters renamed where their priors agree),
enumeration (all finite inputs, every probability), and search for a difference (the laws' quantiles at many states and
parameters). Search never proves equality: what it does not tell apart stays undecided.

Laws are compared as functions of what they read and of their parameters. Two laws whose parameters are told apart only
by a change of sign, say, are different in that sense, even where a symmetric prior makes their predictions agree.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, permutations

from reviewer.behaviour.enumeration import by_enumeration
from reviewer.behaviour.normal_form import Form, Names, TooLargeError, law_form
from reviewer.behaviour.search import by_search
from reviewer.behaviour.verdict import Equality
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import surface
from worldmodel.language.ir import Law, Parameter
from worldmodel.language.walk import walk
from worldmodel.simulation.support import Within
from worldmodel.world import Mechanism, World

MOST_RENAMINGS = 720


def compare_variable(before: World, after: World, name: str) -> Equality:
    """Compares how one variable of two grounded or ungrounded worlds comes about; `name` may be a family's."""
    worlds = ground(before), ground(after)
    members = [sorted(own for own in world.variables if name in (own, surface(own))) for world in worlds]
    if members[0] != members[1] or not members[0]:
        return Equality("different", "by the list of variables", f"{name} is not in both worlds")
    found = [_compare_one(*worlds, member) for member in members[0]]
    return next((one for one in found if one.verdict != "equal"), found[0])


def _compare_one(before: World, after: World, name: str) -> Equality:
    first, second = before.variables[name].file, after.variables[name].file
    if (Within.of(first.support), first.support.values) != (Within.of(second.support), second.support.values):
        return Equality("different", "by the declared supports", f"{name}: the set of allowed values differs")
    try:
        forms = [_form(world, name, {}) for world in (before, after)]
        if forms[0] == forms[1]:
            return Equality("equal", "by algebra: the laws have one normal form")
        renaming = _renaming(before, after, name, forms[0])
        if renaming:
            told = ", ".join(f"{old} → {new}" for old, new in sorted(renaming.items()) if old != new)
            return Equality("equal", f"by algebra, with parameters renamed ({told})")
    except TooLargeError:
        pass
    return _otherwise(before, after, name)


def _beliefs(before: World, after: World, name: str) -> Equality | None:
    """Whether the laws are the same functions of their parameters, and only what is believed of them differs."""
    plain = [replace(world, posteriors={}) for world in (before, after)]
    try:
        if _form(plain[0], name, {}) != _form(plain[1], name, {}):
            return None
    except TooLargeError:
        return None
    told = f"{name}: the law as a function of its parameters is as before; what data say of them is not"
    return Equality("different", "by the posteriors", told)


def _otherwise(before: World, after: World, name: str) -> Equality:
    """Rival by rival where both sides have the same ones; the first that is not equal decides."""
    beliefs = _beliefs(before, after, name)
    if beliefs is not None:
        return beliefs
    sides = [{one.file.id: one for one in _of(world, name)} for world in (before, after)]
    alone = all(len(side) == 1 for side in sides)
    if not alone and (set(sides[0]) != set(sides[1]) or before.weights_of(name) != after.weights_of(name)):
        return Equality("undecided", "other rivals, or other weights: told apart by algebra only")
    pairs = zip(*(sorted(side.values(), key=lambda one: one.file.id) for side in sides), strict=True)
    found = [by_enumeration(before, after, pair) or by_search(before, after, pair) for pair in pairs]
    return next((one for one in found if one.verdict == "different"), found[0])


def _form(world: World, name: str, renamed: Mapping[str, str]) -> Form:
    """Everything that says how a variable comes about: its rivals with their weights and priors, and its start."""
    weights = world.weights_of(name)
    rivals = Counter((weights.get(one.file.id, 0.0), _mechanism_form(world, one, renamed)) for one in _of(world, name))
    start = tuple(law_form(law, Names({}, {})) for law in world.variables[name].initial)
    rule = tuple(sorted(one.owner for one in _of(world, name))) if name in world.actions else ()
    return (tuple(sorted(rivals.items(), key=repr)), start, rule)


def _of(world: World, name: str) -> Iterator[Mechanism]:
    weights = world.weights_of(name)
    for one in world.mechanisms_of(name):
        if name in world.actions or weights.get(one.file.id, 0.0) > 0:
            yield one


def _mechanism_form(world: World, mechanism: Mechanism, renamed: Mapping[str, str]) -> Form:
    names = Names(renamed, {name: entry.value for name, entry in mechanism.file.constants.items()})
    law = law_form(mechanism.law, names)
    read = _read(mechanism, mechanism.law)
    priors = tuple(sorted((renamed.get(name, name), law_form(mechanism.priors[name], names)) for name in read))
    return (law, priors, _learned(world, mechanism, read, renamed))


def _read(mechanism: Mechanism, law: Law) -> frozenset[str]:
    """The parameters that a law reads, and those that their priors read in turn."""
    own = {node.name for node in walk(law) if isinstance(node, Parameter) and node.name in mechanism.priors}
    return frozenset(own).union(*(_read(mechanism, mechanism.priors[name]) for name in own))


def _learned(world: World, mechanism: Mechanism, read: frozenset[str], renamed: Mapping[str, str]) -> Form:
    """What a posterior says of the parameters that matter."""
    posterior = world.posteriors.get(mechanism.owner)
    if posterior is None:
        return ()
    own = sorted(
        (renamed.get(name, name), repr(posterior.parameters[name])) for name in posterior.order if name in read
    )
    whole = posterior.correlation if read.issuperset(posterior.order) else "in part"
    return (tuple(own), whole, tuple(renamed.get(name, name) for name in posterior.order))


def _renaming(before: World, after: World, name: str, wanted: Form) -> Mapping[str, str] | None:
    """New names of the second world's parameters by which the forms agree; None where there are none."""
    sides = [list(_of(world, name)) for world in (before, after)]
    if any(len(side) != 1 for side in sides):
        return None
    old, new = (sorted(_read(side[0], side[0].law)) for side in sides)
    if len(old) != len(new) or old == new == []:
        return None
    for order in islice(permutations(old), MOST_RENAMINGS):
        renaming = dict(zip(new, order, strict=True))
        if _form(after, name, renaming) == wanted:
            return renaming
    return None
