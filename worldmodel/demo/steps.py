"""The way itself, one function for each stretch of it; each runs commands and keeps their answers.

From an empty folder to a policy that was compared with others: a world from a template, review, learning, review
again, the sealed bundle, training, the proof of training, evaluation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worldmodel.build import load_world
from worldmodel.demo.answers import answer_to
from worldmodel.demo.people import ASSISTANT, AUTHOR, REVIEWERS, MadeUp, make_people, roster_toml
from worldmodel.demo.running import Reply, Runner

TEMPLATE = "us-macro"
WORLD = "world"
BUNDLE = "bundle.json"
POLICY = "policy"
PICTURES = "pictures"
KEYS = "keys"
ROSTER = "roster.toml"
SETTINGS = "training.toml"
PROPOSED = "proposed"
ROUNDS = 10

Heading = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How much is computed: settings of the training that differ from its defaults, and the size of the evaluation."""

    training: Mapping[str, int] = field(default_factory=dict)
    draws: int = 1000
    batch: int = 4


FULL = Effort()
QUICK = Effort({"iterations": 30, "affine_iterations": 30, "pool": 128, "validation_draws": 128}, draws=200, batch=1)


@dataclass(frozen=True)
class Review:
    """A merge request that went through: what it was, and the gate's answer before the merge."""

    number: int
    title: str
    verdict: Reply


@dataclass(frozen=True)
class Findings:
    """What the commands answered on the way."""

    made: Reply
    reviews: tuple[Review, ...]
    proposal: Reply
    sealed: Reply
    inspected: Reply
    trained: Reply
    replayed: Reply
    evaluated: Reply


def walk(runner: Runner, effort: Effort, heading: Heading) -> Findings:
    """Goes the whole way in the runner's folder, which is empty."""
    heading("People who do not exist: keys and a roster in which everyone is marked made-up")
    people = make_people(runner.folder / KEYS)
    (runner.folder / ROSTER).write_text(roster_toml(people), encoding="utf-8")
    heading("A world: a git repository, with the files of a template in its working tree")
    made = runner.run("init", WORLD, "--template", TEMPLATE, "--roster", ROSTER)
    heading("The template is proposed, and three made-up people sign it")
    opened = runner.run(
        "mr", "open", "--title", f"The template {TEMPLATE}", "--as", _key(people, AUTHOR), "--world", WORLD
    )
    first = review(runner, people, opened)
    heading("An assistant reads the data, alone and confined, and proposes what it found")
    found = _propose(runner, people)
    heading("Its proposal is reviewed like any other")
    proposal = runner.run("mr", "show", str(found["number"]), "--world", WORLD)
    second = review(runner, people, found)
    heading("The approved world is sealed into one file, and verified")
    sealed = runner.run("release", "--out", BUNDLE, "--world", WORLD)
    fingerprint = str(made["fingerprint"])
    inspected = runner.run("inspect", BUNDLE, "--fingerprint", fingerprint)
    heading("A policy learns from the bundle and from nothing else, in a confined process")
    trained = runner.run("train", BUNDLE, "--out", POLICY, *_settings(runner, effort), "--fingerprint", fingerprint)
    heading("The proof: training again gives the same bytes")
    replayed = runner.run("replay", POLICY)
    heading("The policy against the rules of the world, on noise and parameters that training never saw")
    size = ("--draws", str(effort.draws), "--batch", str(effort.batch))
    evaluated = runner.run("evaluate", BUNDLE, POLICY, *size, "--plot", PICTURES)
    return Findings(made, (first, second), proposal, sealed, inspected, trained, replayed, evaluated)


def _propose(runner: Runner, people: dict[str, MadeUp]) -> Reply:
    answer = runner.run("propose", "--assistant", "parameters", "--key", _key(people, ASSISTANT), "--world", WORLD)
    proposals = answer["proposals"]
    return dict(proposals[0])


def review(runner: Runner, people: dict[str, MadeUp], request: Reply) -> Review:
    """Three made-up people mark every hunk, approve and sign a request; its gate is asked, and it is merged."""
    number = str(request["number"])
    for reviewer in REVIEWERS:
        runner.run("mr", "understand", number, "--all-shown", "--world", WORLD)
        predict(runner, number, reviewer)
        runner.run("mr", "approve", number, "--message", "made-up approval", "--world", WORLD)
        runner.run("sign", "--key", _key(people, reviewer), "--request", number, "--yes", "--world", WORLD)
    verdict = runner.run("mr", "check", number, "--world", WORLD)
    runner.run("mr", "merge", number, "--key", _key(people, AUTHOR), "--world", WORLD)
    return Review(int(number), str(request["title"]), verdict)


def predict(runner: Runner, number: str, reviewer: str) -> None:
    """Answers what the reviewer is asked, from simulations of the proposed world, until nothing more is owed."""
    for _ in range(ROUNDS):
        asked = runner.run("mr", "answer", number, "--as", reviewer, "--world", WORLD)
        if not asked["owed"] or not asked["questions"]:
            return
        place = Path(PROPOSED) / number
        if not (runner.folder / place).exists():
            runner.run("mr", "checkout", number, place, "--world", WORLD)
        question = asked["questions"][0]
        answer = answer_to(question, load_world(runner.folder / place), load_world(runner.folder / WORLD))
        said = ("--question", str(question["id"])[7:19], "--answer", answer)
        runner.run("mr", "answer", number, "--as", reviewer, *said, "--world", WORLD)


def _settings(runner: Runner, effort: Effort) -> tuple[str, ...]:
    if not effort.training:
        return ()
    lines = [f"{name} = {value}\n" for name, value in effort.training.items()]
    (runner.folder / SETTINGS).write_text("".join(lines), encoding="utf-8")
    return ("--config", SETTINGS)


def _key(people: dict[str, MadeUp], identity: str) -> str:
    return str(Path(KEYS) / people[identity].key.name)
