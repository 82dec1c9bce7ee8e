from pathlib import Path

import pytest

from reviewer.comprehension.judging import judge
from reviewer.comprehension.key import truths
from reviewer.comprehension.making import DOWN, LESS, MORE, SAME, STILL, UP, questions, reached_by, required_questions
from reviewer.comprehension.question import Answer, Push, Question, answer_digest
from reviewer.panes.pane import Table
from reviewer.panes.subject import Settings, Subject, subject_of
from tests.worldmodel.surface_worlds import HEAD, mechanism, variable
from worldmodel.errors import InputError

TEMPLATES = Path(__file__).parents[3] / "worldmodel" / "templates"
SETTINGS = Settings(draws=200)


def _template(name: str, path: str, old: str, new: str) -> Subject:
    root = TEMPLATES / name
    files = {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*.toml")}
    assert old.encode() in files[path]
    return subject_of(files, {path: files[path].replace(old.encode(), new.encode())}, SETTINGS)


def _linear(after: str = "Normal(0.5 * y[t-1] + 2 * x[t-1], 1)") -> Subject:
    """y follows x; z is by itself. A push of 1 on x at step 1 is 2 at step 2 of y after the change, and 1 before."""
    files = {
        "world.toml": HEAD + 'step = "day"\n',
        **{f"variables/{name}.toml": variable(name) for name in "xyz"},
        "mechanisms/x.toml": mechanism("x", "Normal(0, 1)"),
        "mechanisms/y.toml": mechanism("y", "Normal(0.5 * y[t-1] + x[t-1], 1)"),
        "mechanisms/z.toml": mechanism("z", "Normal(0.9 * z[t-1], 1)"),
    }
    texts = {path: text.encode() for path, text in files.items()}
    return subject_of(texts, {"mechanisms/y.toml": mechanism("y", after).encode()}, SETTINGS)


PUSH = Push(variable="x", value=1.0, first=1, last=1, factor=1.0)


def _ask(kind: str, steps: list[int], options: list[str] | None = None, outcomes: list[str] | None = None) -> Question:
    return Question(kind=kind, text="?", push=PUSH, outcomes=outcomes or ["y"], steps=steps, options=options or [])  # type: ignore[arg-type]


def test_the_key_is_the_closed_form_of_a_linear_world() -> None:
    truth = truths(_linear(), _ask("size", [2]))["y"]
    assert truth.after[:4].tolist() == pytest.approx([0.0, 2.0, 1.0, 0.5])
    assert truth.before[:4].tolist() == pytest.approx([0.0, 1.0, 0.5, 0.25])


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        (_ask("direction", [2], [UP, DOWN, STILL]), UP, DOWN),
        (_ask("direction", [1], [UP, DOWN, STILL]), STILL, UP),
        (_ask("change", [2], [MORE, LESS, SAME]), MORE, SAME),
        (_ask("change", [1], [MORE, LESS, SAME]), SAME, LESS),
        (_ask("size", [2]), [1.5], [-2.0]),
        (_ask("size", [1]), [0.0], [0.1]),
        (_ask("curve", [1, 2, 4]), [0.0, 1.8, 0.6], [2.0, 0.0, 0.0]),
        (_ask("unmoved", [1], ["y", "z"], ["y", "z"]), "z", "y"),
    ],
)
def test_answers_are_judged_by_the_simulator(question: Question, right: Answer, wrong: Answer) -> None:
    subject = _linear()
    assert judge(subject, question, right).right
    judged = judge(subject, question, wrong)
    assert not judged.right
    assert any(isinstance(block, Table) for block in judged.why)


def test_the_answer_follows_the_change_and_not_the_prose() -> None:
    turned = _linear("Normal(0.5 * y[t-1] - 2 * x[t-1], 1)")
    question = _ask("direction", [2], [UP, DOWN, STILL])
    assert judge(turned, question, DOWN).right
    assert not judge(turned, question, UP).right


@pytest.mark.parametrize("answer", ["sideways", [1.0], [1.0, 2.0], []])
def test_what_is_no_answer_is_refused(answer: Answer) -> None:
    with pytest.raises(InputError, match="malformed-answer"):
        judge(_linear(), _ask("direction", [2], [UP, DOWN, STILL]), answer)


CHANGES = [
    ("us_macro", "mechanisms/phillips_curve.toml", "slope * slack[t-1]", "slope * slack[t-2]"),
    ("shallow_lake", "mechanisms/recycling.toml", "- loss * phosphorus[t-1]", "- 1.2 * loss * phosphorus[t-1]"),
    ("machine", "mechanisms/wear.toml", "run = [0, 0.75, 0.125, 0.125]", "run = [0, 0.5, 0.25, 0.25]"),
    ("rossi", "mechanisms/hazard.toml", "Normal(-1, 1)", "Normal(-2, 1)"),
    ("influenza", "mechanisms/infections.toml", "(growth - 1)", "(growth - 1) * 0.9"),
]


@pytest.mark.parametrize(("template", "path", "old", "new"), CHANGES)
def test_questions_of_the_templates_can_be_answered(template: str, path: str, old: str, new: str) -> None:
    subject = _template(template, path, old, new)
    asked = questions(subject, "ada", "sha256:" + "0" * 64)
    assert required_questions(subject) == 2
    assert len(asked) >= 2
    for question in asked:
        rights = [option for option in question.options if judge(subject, question, option).right]
        if question.options:
            assert rights
            assert len(rights) < len(question.options)
        else:
            truth = truths(subject, question)[question.outcomes[0]]
            assert judge(subject, question, [float(truth.after[step - 1]) for step in question.steps]).right


def test_each_reviewer_and_each_round_has_other_questions() -> None:
    subject = _template(*CHANGES[0])
    proposal = "sha256:" + "1" * 64
    sets = {
        (person, round_): tuple(one.digest for one in questions(subject, person, proposal, round_))
        for person in ("ada", "bea", "cem")
        for round_ in (0, 1)
    }
    assert len(set(sets.values())) == 6
    assert questions(subject, "ada", proposal) == questions(_template(*CHANGES[0]), "ada", proposal)


def test_nothing_is_owed_where_nothing_can_be_asked() -> None:
    root = TEMPLATES / "us_macro"
    files = {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*.toml")}
    title = files["mechanisms/phillips_curve.toml"].replace(b"title = ", b"title = ", 1) + b"\n# remark\n"
    assert required_questions(subject_of(files, {"mechanisms/phillips_curve.toml": title}, SETTINGS)) == 0
    assert required_questions(subject_of({}, {"world.toml": b"x"}, SETTINGS)) == 0


def test_reach_is_that_of_the_graph() -> None:
    assert reached_by(_linear(), "x") == {"x", "y"}
    assert reached_by(_linear(), "z") == {"z"}


def test_digests_tell_questions_and_answers_apart() -> None:
    assert _ask("size", [2]).digest != _ask("size", [3]).digest
    assert len({answer_digest("it goes up"), answer_digest([1.0]), answer_digest([1.0, 2.0])}) == 3
