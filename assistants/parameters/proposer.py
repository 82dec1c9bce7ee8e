"""The assistant itself: from a brief to one proposal with every posterior and the weights of rivals."""

from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

import torch

from assistants.brief import Brief
from assistants.parameters.continuous import without_density
from assistants.parameters.crosscheck import CrossCheck, cross_check
from assistants.parameters.learn import Learned, learn
from assistants.parameters.observations import Observations, problems_with
from assistants.parameters.posterior import posterior_file
from assistants.parameters.prose import in_words, weights_note
from assistants.parameters.report import evidence
from assistants.parameters.rivals import Rivalry, rival_variables, weigh
from assistants.parameters.toml import posterior_text, reweighed
from assistants.parameters.unseen import measured
from worldmodel.components.posterior import PosteriorFile
from worldmodel.data.series import read_series
from worldmodel.errors import GlassworldError, InputError, Problem, RefusedError
from worldmodel.governance.operations import Provenance
from worldmodel.governance.proposal import ProposalFile
from worldmodel.grounding.ground import ground
from worldmodel.world import Mechanism, World

NAME = "parameters"


def propose(brief: Brief) -> Iterator[ProposalFile]:
    """One proposal; raises InputError or RefusedError with everything that stands in its way."""
    torch.set_num_threads(1)
    observations = _observations(brief)
    families = _families(brief)
    members = [mechanism for family in families for mechanism in family]
    problems = dict.fromkeys([*problems_with(brief.world, members, observations), *without_density(members)])
    if problems:
        raise InputError(problems)
    mechanisms = [family[0] for family in families]
    variables = [name for name in rival_variables(brief.world) if _all_among(brief.world, name, mechanisms)]
    total = len(mechanisms) + len(variables)
    learned = _learn_all(brief, families, observations, total)
    checks = _cross_checks(brief, learned)
    rivalries = []
    for done, name in enumerate(variables, start=len(mechanisms)):
        brief.progress(f"rivals for {name}", done, total)
        rivalries.append(weigh(brief.world, name, observations))
    brief.progress("done", total, total)
    files = [(entry, posterior_file(brief.world, entry)) for entry in learned]
    yield _proposal(brief, observations, files, rivalries, checks)


def _observations(brief: Brief) -> Observations:
    series = read_series(brief.world, brief.folder)
    values = {name: torch.tensor(column, dtype=torch.float64) for name, column in series.values.items()}
    return Observations(values, series.split, series.digest)


def _families(brief: Brief) -> list[tuple[Mechanism, ...]]:
    """Those asked for, or all that have parameters; each with all its elements."""
    unknown = sorted(set(brief.mechanisms) - set(brief.world.mechanisms))
    if unknown:
        raise InputError(
            Problem(
                code="unknown-mechanism",
                where="propose",
                found=", ".join(unknown),
                wanted=f"among {', '.join(sorted(brief.world.mechanisms))}",
                mend="name mechanisms of this world",
            )
        )
    names = brief.mechanisms or tuple(brief.world.mechanisms)
    found = [_elements(brief.world, name) for name in sorted(names) if brief.world.mechanisms[name].priors]
    if not found:
        raise InputError(
            Problem(
                code="nothing-to-learn",
                where="propose",
                found="no mechanism with parameters",
                wanted="at least one parameter with a prior",
                mend="give a mechanism parameters, or name another one",
            )
        )
    return found


def _elements(world: World, name: str) -> tuple[Mechanism, ...]:
    elements = tuple(one for one in ground(world).mechanisms.values() if one.owner == name)
    return elements if len(elements) > 1 else (measured(world, world.mechanisms[name]),)


def _all_among(world: World, variable: str, mechanisms: list[Mechanism]) -> bool:
    names = {mechanism.owner for mechanism in mechanisms}
    return set(world.weights_of(variable)) <= names


def _learn_all(
    brief: Brief, families: list[tuple[Mechanism, ...]], observations: Observations, total: int
) -> list[Learned]:
    """Learns each; what cannot be trusted is reported for all mechanisms at once."""
    learned: list[Learned] = []
    problems: list[Problem] = []
    for done, (mechanism, *siblings) in enumerate(families):
        brief.progress(mechanism.owner, done, total)
        try:
            chains = _chains(brief, mechanism, done, total)
            approved = brief.world.posteriors.get(mechanism.owner)
            learned.append(learn(mechanism, observations, progress=chains, siblings=siblings, approved=approved))
        except GlassworldError as error:
            problems += error.problems
    if problems:
        raise RefusedError(problems)
    return learned


def _chains(brief: Brief, mechanism: Mechanism, done: int, total: int) -> Callable[[int, int], None]:
    """Passes on how far the chains are, ten times a run."""

    def progress(iteration: int, iterations: int) -> None:
        if iteration % max(1, iterations // 10) == 0:
            brief.progress(f"{mechanism.owner}, chains: {iteration} of {iterations} iterations", done, total)

    return progress


def _cross_checks(brief: Brief, learned: list[Learned]) -> dict[str, CrossCheck]:
    if not brief.cross_check:
        return {}
    answers = {}
    for done, entry in enumerate(learned):
        name = entry.target.mechanism.owner
        brief.progress(f"NUTS on {name}", done, len(learned))
        answers[name] = cross_check(entry)
    return answers


def _proposal(
    brief: Brief,
    observations: Observations,
    files: list[tuple[Learned, PosteriorFile]],
    rivalries: list[Rivalry],
    checks: dict[str, CrossCheck],
) -> ProposalFile:
    changes: dict[str, str | None] = {f"posteriors/{file.id}.toml": posterior_text(file) for _, file in files}
    changes |= _world_change(brief, rivalries)
    settled = sorted(name for name, mechanism in brief.world.mechanisms.items() if not mechanism.priors)
    return ProposalFile(
        format=1,
        title=f"What the data say about {len(files)} mechanism{'s' if len(files) > 1 else ''}",
        author="assistant",
        changes=changes,
        evidence=evidence(observations, files, rivalries, checks, settled),
        provenance=Provenance(
            assistant=NAME, version=_version(), data_digest=observations.digest, alternatives_tried=1
        ),
        prose=in_words([entry for entry, _ in files], rivalries),
    )


def _world_change(brief: Brief, rivalries: list[Rivalry]) -> dict[str, str | None]:
    """The new text of `world.toml`, where a weight changes."""
    before = text = (brief.folder / "world.toml").read_text(encoding="utf-8")
    for rivalry in rivalries:
        if dict(brief.world.weights_of(rivalry.variable)) != dict(rivalry.weights):
            weights = {**brief.world.header.rivals[rivalry.variable], **rivalry.weights}
            text = reweighed(text, rivalry.variable, weights, weights_note(rivalry))
    return {} if text == before else {"world.toml": text}


def _version() -> str:
    try:
        return version("glassworld")
    except PackageNotFoundError:
        return "0"
