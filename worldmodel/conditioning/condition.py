"""`condition`: what a world says about some values once others are known, by the most exact method that there is.

The way: the world is grounded and unrolled to what matters (`cells`). If everything unknown is finite, it is summed out
(`elimination`); if it is linear with Gaussian noise, it is filtered (`kalman`); both exactly, given parameters, over
which the answer is averaged (`parameters`). Otherwise trajectories are weighed or their noise is inferred (`sampling`),
and where that fails too, chains are run (`chains`).
The answer says which, why, and how far it may be relied on. All of it takes for granted that no value which matters
here leaves its support. See docs/decisions/0011-exact-inference.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from worldmodel.canonical import canonical_json
from worldmodel.conditioning.cells import Assignment, Cell, unroll
from worldmodel.conditioning.chains import Progress, by_chains
from worldmodel.conditioning.diagnosis import Diagnosis
from worldmodel.conditioning.elimination import to_elimination
from worldmodel.conditioning.evidence import Evidence, Wanted, checked_evidence, checked_wanted, value_names
from worldmodel.conditioning.given import Draws, Given, NotExactError
from worldmodel.conditioning.kalman import to_kalman
from worldmodel.conditioning.marginals import Marginal, Real, table
from worldmodel.conditioning.parameters import Averaged, Parameters, average, parameters_of
from worldmodel.conditioning.sampling import Sampler, by_fit, by_importance
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.grounding.ground import ground
from worldmodel.simulation.draws import Source
from worldmodel.simulation.intervention import Edit, Intervention, Replacement, check_interventions
from worldmodel.world import World

NEGLIGIBLE = 1e-6
"""A probability of leaving a support that an answer which takes no account of supports may be off by."""

Prepare = Callable[[Sequence[Assignment], Mapping[Cell, float], Draws, Mapping[str, tuple[str, ...]]], Given]

EXACT_METHODS: tuple[Prepare, ...] = (to_elimination, to_kalman)


@dataclass(frozen=True)
class Conditioned:
    """An answer. `exact` says that nothing in it is an estimate; `flags` is empty where it may be relied on.

    `log_evidence` is the log probability of what is known (density, of real values).
    """

    marginals: Mapping[Cell, Marginal]
    method: str
    exact: bool
    why: str
    flags: tuple[str, ...]
    diagnosis: Diagnosis
    log_evidence: float

    @property
    def trusted(self) -> bool:
        """Whether the method's own diagnosis found nothing against it."""
        return not self.flags

    def of(self, variable: str, step: int = 1) -> Marginal:
        """The marginal of one value that was asked for."""
        return self.marginals[variable, step]


@dataclass(frozen=True)
class _Question:
    """A question, unrolled: known cells, unknown cells that are asked for, and everything that they depend on."""

    assignments: tuple[Assignment, ...]
    known: Mapping[Cell, float]
    wanted: tuple[Cell, ...]
    names: Mapping[str, tuple[str, ...]]
    parameters: Parameters
    key: str
    draws: int


def condition(
    world: World,
    evidence: Evidence,
    wanted: Wanted,
    *,
    horizon: int | None = None,
    rules: Sequence[str] = (),
    interventions: Sequence[Edit] = (),
    source: Source = "posterior",
    seed: int = 0,
    draws: int = 4000,
    exactly: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> Conditioned:
    """What is known of `wanted`, given `evidence`: a mapping from (variable, step) to a number or a value's name.

    A bare name in `wanted` means every step up to `horizon` (the last step that is named, unless given).
    `interventions` change the world first; `rules` choose the actions. `draws` is how many parameter draws, or
    trajectories to begin with. Raises InputError for what cannot be asked and for impossible evidence, and RefusedError
    where no trajectory can have what is known, where `exactly` asks for an exact method and there is none, and where
    the last resort fails its diagnosis. `progress` is told how far that one is: iterations done, and all of them.
    """
    world = ground(world)
    check_interventions(world, interventions)
    if problems := [_not_set(entry) for entry in interventions if isinstance(entry, Replacement) or entry.factor]:
        raise InputError(problems)
    settings = [entry for entry in interventions if isinstance(entry, Intervention)]
    known = checked_evidence(world, evidence)
    cells = checked_wanted(world, wanted, horizon or _last_step(known, wanted))
    asked = tuple(cell for cell in cells if cell not in known)
    assignments = unroll(world, known, asked, rules, settings)
    parameters = parameters_of(world, assignments, seed, draws, source)
    key = canonical_json([sorted(world.digests.items()), sorted([*map(list, known.items())], key=str), seed]).hex()
    question = _Question(assignments, known, asked, value_names(world), parameters, key, draws)
    found = _by_exact(question)
    if isinstance(found, str):
        if exactly:
            raise RefusedError(_not_exact(found))
        found = _by_sampling(question, found, progress)
    given = {cell: _certain(world, cell, known[cell]) for cell in cells if cell in known}
    return replace(found, marginals={cell: {**found.marginals, **given}[cell] for cell in cells})


def _last_step(known: Mapping[Cell, float], wanted: Wanted) -> int:
    named = [entry[1] for entry in wanted if not isinstance(entry, str)]
    return max([1, *(step for _, step in known), *named])


def _by_exact(question: _Question) -> Conditioned | str:
    """The answer of the first exact method that applies; otherwise, in words, why none does."""
    reasons = []
    for prepare in EXACT_METHODS:
        try:
            given = prepare(question.assignments, question.known, question.parameters.drawn, question.names)
        except NotExactError as error:
            reasons.append(str(error))
            continue
        found = average(given, question.parameters, question.wanted, [question.key], bool(question.known))
        if found is None:
            raise InputError(_impossible(question.known))
        if found.answer.outside <= NEGLIGIBLE:
            return _exact_answer(given, found, question.parameters)
        reasons.append(f"unknown values lie outside their supports with probability {found.answer.outside:.2g}")
    return "; ".join(dict.fromkeys(reasons))


def _exact_answer(given: Given, found: Averaged, parameters: Parameters) -> Conditioned:
    certain = parameters.certain
    diagnosis = replace(found.diagnosis, outside=found.answer.outside)
    why = given.why if certain else f"{given.why}; {found.how}"
    return Conditioned(
        found.answer.marginals, given.method, certain, why, found.flags, diagnosis, found.log_evidence
    )  # fmt: skip


def _by_sampling(question: _Question, reasons: str, progress: Progress) -> Conditioned:
    sampler = Sampler(question.assignments, question.known, question.names, question.parameters)
    weighed = by_importance(sampler, question.draws, question.wanted)
    if weighed is None:
        raise RefusedError(_not_reached(question.known, reasons))
    found, logs = weighed
    if not found.flags:
        return _sampled_answer("importance", found, f"no exact method applies ({reasons}): {found.how}")
    why = f"no exact method applies ({reasons}), and trajectories weighed by what is known do not suffice "
    why += f"({'; '.join(found.flags)})"
    fitted = by_fit(sampler, logs, question.wanted, [question.key])
    if isinstance(fitted, Averaged) and not fitted.flags:
        return _sampled_answer("noise-posterior", fitted, f"{why}: {fitted.how}")
    beside = fitted if isinstance(fitted, str) else "; ".join(fitted.flags)
    chained = by_chains(sampler, logs, question.wanted, [question.key], progress)
    if isinstance(chained, str):
        why = f"no exact method applies ({reasons}): {found.how}; {beside}; {chained}"
        return _sampled_answer("importance", found, why)
    if chained.flags:
        raise RefusedError(_not_trusted(f"{why}; {beside}; {chained.how}: {'; '.join(chained.flags)}"))
    return _sampled_answer("nuts", chained, f"{why}; {beside}: {chained.how}")


def _sampled_answer(method: str, found: Averaged, why: str) -> Conditioned:
    return Conditioned(
        found.answer.marginals, method, False, why, found.flags, found.diagnosis, found.log_evidence
    )  # fmt: skip


def _certain(world: World, cell: Cell, value: float) -> Marginal:
    names = value_names(world).get(cell[0], ())
    if not names:
        return Real(value, 0.0, (0.5,), (value,))
    return table(range(len(names)), [float(place == value) for place in range(len(names))], names)


def _shown(known: Mapping[Cell, float]) -> str:
    listed = [f"{name} = {value:g} at step {step}" for (name, step), value in list(known.items())[:4]]
    return ", ".join(listed) + (f" and {len(known) - 4} more" if len(known) > 4 else "")


def _not_set(entry: Edit) -> Problem:
    return Problem(
        code="only-set",
        where="--do",
        part=entry.variable,
        found="a law, or a change of the variable's own value",
        wanted="a value that the variable is set to",
        mend=f"write for example {entry.variable}=1@2",
    )


def _impossible(known: Mapping[Cell, float]) -> Problem:
    return Problem(
        code="impossible-evidence",
        where="--given",
        found=_shown(known) or "a world in which some law is never valid",
        wanted="values that have a positive probability together",
        mend="give other values, or change the law that rules them out",
    )


def _not_reached(known: Mapping[Cell, float], reasons: str) -> Problem:
    return Problem(
        code="evidence-not-reached",
        where="--given",
        found=f"{_shown(known)}; no exact method applies ({reasons}), and no simulated trajectory can have this",
        wanted="values that simulated trajectories can have",
        mend="give less, or more of what the known values depend on, or ask for more draws",
    )


def _not_trusted(reasons: str) -> Problem:
    return Problem(
        code="estimate-not-trusted",
        where="condition",
        found=reasons,
        wanted="an estimate whose own diagnosis is good",
        mend="ask of fewer steps, know more or less, or write the model so that what is unknown hangs together less",
    )


def _not_exact(reasons: str) -> Problem:
    return Problem(
        code="no-exact-method",
        where="condition",
        found=reasons,
        wanted="unknown values that are finite, or linear in each other with Gaussian noise",
        mend="give more, or let the answer be estimated",
    )
