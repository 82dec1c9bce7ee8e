"""The typed change: in words, as graphs, equations and priors; also where there are no two worlds to compare."""

from typing import get_args

from reviewer.panes.change import change_blocks
from reviewer.panes.pane import Block, Drawing, Formula, Sentence, Table
from reviewer.panes.subject import Subject, subject_of
from tests.reviewer.panes.line_world import FILES, SMALL, X_LAW, X_PATH, mechanism, with_law

PRIOR = '\n[parameters.spread]\nprior = "HalfNormal({})"\nwhy = "waves"\n'


def texts(subject: Subject) -> list[str]:
    """Every sentence."""
    return [block.text for block in change_blocks(subject) if isinstance(block, Sentence)]


def tables(subject: Subject) -> dict[str, Table]:
    """Every table that stands by itself, by the first words of its caption."""
    return {block.caption.split(",")[0]: block for block in change_blocks(subject) if isinstance(block, Table)}


def drawings(subject: Subject) -> list[Drawing]:
    """Every picture."""
    return [block for block in change_blocks(subject) if isinstance(block, Drawing)]


def test_a_flipped_sign_is_a_warning_before_everything_else() -> None:
    blocks = [*change_blocks(with_law("Normal(0.5 * x[t-1] - 0.8 * z[t-1], 1)"))]
    assert isinstance(blocks[1], Sentence)
    assert blocks[1].tone == "bad"
    assert "FLIPPED SIGN" in blocks[1].text


def test_equations_stand_before_and_after() -> None:
    formulas = [block.text for block in change_blocks(with_law("Normal(z[t-1], 1)")) if isinstance(block, Formula)]
    assert formulas == [f"x[t] ~ {X_LAW}", "x[t] ~ Normal(z[t-1], 1)"]


def test_edges_that_come_and_go_are_listed_and_marked() -> None:
    subject = with_law("Normal(0.5 * x[t-1] + 0.8 * w[t-1], 1)")
    table = tables(subject)["Edges that come"]
    assert [row[:2] for row in table.rows] == [("w → x", "came"), ("z → x", "gone")]
    before, after = drawings(subject)
    assert "gone after" in {row[3] for row in before.table.rows}
    assert 'class="on gone"' in before.svg
    assert 'class="on came"' in after.svg
    assert ">new<" in after.svg


def test_where_no_edge_changes_one_picture_serves_for_both() -> None:
    [drawing] = drawings(with_law("Normal(0.5 * x[t-1] + 0.9 * z[t-1], 1)"))
    assert "before and after alike" in drawing.description
    assert 'class="state touched"' in drawing.svg


def test_a_prior_that_gets_tighter_is_told_with_its_intervals() -> None:
    law = "Normal(0.5 * x[t-1], spread)"
    before = dict(FILES) | {X_PATH: mechanism("motion", "x", law, PRIOR.format(2))}
    subject = subject_of(before, {X_PATH: mechanism("motion", "x", law, PRIOR.format(1))}, SMALL)
    words = [row[2] for row in tables(subject)["What changes"].rows]
    assert any("got tighter" in text for text in words)
    table = tables(subject)["Parameters before and after (90 % intervals of the prior and of the posterior)"]
    assert [row[:4] for row in table.rows] == [
        ("motion.spread", "before", "1", "HalfNormal(2)"),
        ("motion.spread", "after", "1", "HalfNormal(1)"),
    ]


def test_a_broken_world_still_shows_what_its_files_say_and_why_it_is_broken() -> None:
    subject = with_law("Normal(0.5 * nothing[t-1], 1)")
    assert any(text.startswith("unknown-name") for text in texts(subject))
    [row] = tables(subject)["What the files say"].rows
    assert row[:2] == (X_PATH, "law")
    assert "nothing[t-1]" in row[3]


def test_a_file_that_is_no_toml_still_shows_that_it_changes() -> None:
    subject = subject_of(FILES, {X_PATH: b"\xff not = toml ["}, SMALL)
    found = texts(subject)
    assert found[0] == f"Components: 1 changed ({X_PATH})."
    assert any("cannot be built" in text for text in found)


def test_formatting_alone_is_said_to_be_that() -> None:
    subject = subject_of(FILES, {X_PATH: FILES[X_PATH] + b"# a remark\n"}, SMALL)
    assert "The two worlds are the same: nothing that has a meaning changes." in texts(subject)
    assert f"Only comments or formatting differ in {X_PATH}." in texts(subject)


def test_a_change_of_the_rules_is_shown_key_by_key_and_needs_no_world() -> None:
    subject = subject_of({"governance/rules.toml": b"quorum = 3\n"}, {"governance/rules.toml": b"quorum = 1\n"}, SMALL)
    assert tables(subject)["Governance"].rows == (("governance/rules.toml", "quorum", "3", "1"),)


def test_a_world_that_begins_is_shown_whole() -> None:
    subject = subject_of({}, FILES, SMALL)
    assert "There is no world before the change: everything in it is new." in texts(subject)
    formulas = [block for block in change_blocks(subject) if isinstance(block, Formula)]
    assert len(formulas) == 4
    assert len(drawings(subject)) == 1


def test_a_huge_change_is_cut_and_says_so() -> None:
    many = {f"mechanisms/m{place}.toml": mechanism(f"m{place}", "x", "x[t-1]") for place in range(300)}
    blocks: list[Block] = [*change_blocks(subject_of(FILES, many, SMALL))]
    assert all(len(block.rows) <= 201 for block in blocks if isinstance(block, Table))
    assert all(isinstance(block, get_args(Block)) for block in blocks)
