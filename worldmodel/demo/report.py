"""The report of the demonstration: what happened, what is and is not known, where each file is, what to do next."""

from collections.abc import Iterator
from pathlib import Path

from worldmodel.bundle.bits import in_words
from worldmodel.demo import words
from worldmodel.demo.running import Ran, Reply
from worldmodel.demo.steps import BUNDLE, KEYS, PICTURES, POLICY, ROSTER, WORLD, Findings
from worldmodel.markup import Filling, Html, fill, join, picture, table
from worldmodel.showing.frame import Section, bullets, page, paragraphs

TITLE = "Glassworld: first light"
REPORT = "report.html"

MADE_UP = (
    "The reviewers in this report are made up. Their keys were made on this machine by the program that you started, "
    "and so were their approvals. The signatures are real signatures and stand for nobody: they show that the "
    "machinery works, not that anybody agreed to anything."
)

NOT_KNOWN = (
    "Everything here is said inside the model. It cannot know what it leaves out, and people may change what they do "
    "when the rule that they live under changes. The returns are in units of the three made-up utilities of the "
    "template. Floors are measured by simulation and bounded statistically; they are not proved, since certification "
    "is not part of this release. Do not run an economy with it."
)

FILES = (
    (WORLD, "the world: a git repository of small text files, with every request and vote in its refs"),
    (f"{WORLD}/data", "the data, which git ignores and only the assistant opened"),
    (BUNDLE, "the sealed world: components, governance, approvals; no data, no prose"),
    (f"{POLICY}/policy.safetensors", "the policy's network; policy.onnx is the same for other programs"),
    (f"{POLICY}/statement.json", "the training statement: everything that the policy is a function of"),
    (f"{PICTURES}", "the fans of each rule"),
    (f"{KEYS}, {ROSTER}", "the made-up people and their private keys; worth nothing"),
)

NEXT = (
    f"glassworld show --world {WORLD}",
    f"glassworld mr list --all --world {WORLD}",
    f"glassworld mr diff 2 --html change.html --world {WORLD}",
    f"glassworld trace mechanisms/phillips_curve.toml:6 --world {WORLD}",
    f"glassworld inspect {BUNDLE}",
    "glassworld init my-world --data my-data.csv --key ~/.ssh/id_ed25519.pub --name 'My Name'",
)


def report_html(findings: Findings, history: list[Ran], folder: Path) -> str:
    """The whole report as one HTML file."""
    opening = fill('<p class="made-up">$text</p>', text=MADE_UP)
    return page(TITLE, opening, list(_sections(findings, history, folder)))


def _sections(findings: Findings, history: list[Ran], folder: Path) -> Iterator[Section]:
    evidence, evaluation = findings.proposal["evidence"], findings.evaluated
    yield Section("What happened", _happened(findings))
    yield Section("What is known, and what is not", _known(findings))
    yield Section("What the assistant learned", join([_parameters(findings), paragraphs([*words.misfits(evidence)])]))
    yield Section("Who gains and who loses by the policy", _outcome(findings))
    yield Section("If one of the rivals is true", _rivals(findings))
    yield Section("How it would look", _fans(evaluation.get("picture"), folder))
    yield Section("The policy in one line", _law(findings))
    yield Section("Where everything is", table(["file", "is"], FILES))
    yield Section("What to do next", join([paragraphs([f"In {folder}:"]), _lines(NEXT)]))
    yield Section("Every command, as it was run", _commands(history))


def _happened(findings: Findings) -> Html:
    sealed, trained = findings.sealed, findings.trained
    level = trained["level"]
    confined = "confined by Landlock and seccomp, with live probes passed" if level == "L3" else "NOT confined"
    rows = [f"Merge request {review.number}: {review.title}. {_votes(review.verdict)}" for review in findings.reviews]
    same = "the same bytes" if findings.replayed["agrees"] else "OTHER BYTES"
    evaluated = findings.evaluated
    fresh = f"{evaluated['draws']} parameter draws × {evaluated['batch']} trajectories"
    return bullets(
        [
            f"A world was made from a template. Roster: {'; '.join(map(str, findings.made['roster']))}.",
            *rows,
            f"The approved world was sealed: {len(sealed['components'])} components. {in_words(sealed['bits'])}",
            f"A policy was trained from that file alone, at level {level}: {confined}.",
            f"Training again gave {same}.",
            f"It was compared with {len(evaluated['rules']) - 1} other rules on {fresh} that training never saw.",
        ]
    )


def _votes(verdict: Reply) -> str:
    people = sorted({person for area in verdict["areas"] for person in area["approved_by"]})
    return f"Approved by {len(people)} made-up people ({', '.join(people)})."


def _known(findings: Findings) -> Html:
    evidence = findings.proposal["evidence"]
    little = words.taught_little(evidence)
    doubtful = f"The data say little about {words.list_of(little)}: there the prior still speaks." if little else ""
    sentences = [*words.settled(evidence), doubtful, *words.learned(evidence), NOT_KNOWN]
    return bullets([sentence for sentence in sentences if sentence])


def _parameters(findings: Findings) -> Html:
    head = ("parameter", "prior median (90 %)", "posterior median (90 %)", "data taught", "bits")
    rows = [
        (
            f"{mechanism}.{parameter}",
            _range(reading["prior"]),
            _range(reading["posterior"]),
            f"{max(0.0, reading['contraction']):.0%}",
            reading["bits"],
        )
        for mechanism, entry in findings.proposal["evidence"]["mechanisms"].items()
        for parameter, reading in entry["parameters"].items()
    ]
    return table(head, rows)


def _range(reading: dict[str, float]) -> str:
    low, middle, high = (words.number(reading[name]) for name in ("low", "median", "high"))
    return f"{middle} ({low} to {high})"


def _outcome(findings: Findings) -> Html:
    evaluation = findings.evaluated
    stakeholders = list(evaluation["rules"]["policy"]["stakeholders"])
    floors = list(evaluation["rules"]["policy"]["floors"])
    head = (
        "rule",
        *(name.replace("_", " ") for name in stakeholders),
        "objective",
        *(f"{name} broken (at most)" for name in floors),
    )
    rows = []
    for rule, reading in evaluation["rules"].items():
        means = [_estimate(reading["stakeholders"][name]["mean"]) for name in stakeholders]
        broken = [
            f"{words.share(entry['events'] / entry['trials'])} ({words.share(entry['bounds'][1])})"
            for entry in reading["floors"].values()
        ]
        rows.append((rule, *means, _estimate(reading["objective"]), *broken))
    return join([table(head, rows), bullets([*words.gains(evaluation), *words.floors(evaluation)])])


def _estimate(reading: dict[str, object]) -> str:
    value, interval = reading["value"], reading["interval"]
    assert isinstance(value, float)
    assert isinstance(interval, list)
    return f"{words.number(value)} ({words.number(interval[0])} to {words.number(interval[1])})"


def _rivals(findings: Findings) -> Html:
    rows: list[tuple[Filling, ...]] = []
    stakeholders: list[str] = []
    for label, rules in findings.evaluated["rivals"].items():
        for rule, means in rules.items():
            stakeholders = list(means)
            rows.append((label, rule, *(_estimate(entry) for entry in means.values())))
    return table(("if", "rule", *stakeholders), rows)


def _fans(file: str | None, folder: Path) -> Html:
    text = paragraphs(["Quantiles over parameter draws, rivals and noise, for each rule, side by side."])
    return join([text, picture(folder / file, "Fans of every rule")]) if file else text


def _law(findings: Findings) -> Html:
    laws = findings.trained["affine_laws"]
    text = paragraphs(
        [f"The network cannot be read. This affine rule, trained beside it, can. {words.affine(findings.evaluated)}"]
    )
    return join([text, _lines([f"{action}[t] = {law}" for action, law in laws.items()])])


def _lines(lines: tuple[str, ...] | list[str]) -> Html:
    return fill("<pre>$text</pre>", text="\n".join(lines))


def _commands(history: list[Ran]) -> Html:
    total = sum(ran.seconds for ran in history)
    rows = [(f"{ran.seconds:.1f} s", ran.line) for ran in history]
    return join([paragraphs([f"{len(history)} commands, {total:.0f} seconds."]), table(("took", "command"), rows)])
