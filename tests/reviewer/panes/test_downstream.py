"""What lies downstream, by the graph and by running."""

from reviewer.panes.downstream import downstream_blocks, reach
from reviewer.panes.pane import Sentence, Table
from reviewer.panes.runs import behaviour
from reviewer.panes.subject import Subject, subject_of
from tests.reviewer.panes.line_world import FILES, SMALL, mechanism, with_law


def rows(subject: Subject) -> dict[str, tuple[str, ...]]:
    """The table by variable."""
    [table] = [block for block in downstream_blocks(subject) if isinstance(block, Table)]
    return {row[0]: row[1:] for row in table.rows}


def test_what_is_touched_moves_at_once_and_what_it_feeds_with_it() -> None:
    found = rows(with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)"))
    assert list(found) == ["x", "y"]
    assert found["x"][:3] == ("touched", "100 %", "1")
    assert found["y"][:3] == ("reached, lag 0", "100 %", "1")
    assert found["y"][3].startswith("2.8")  # twice 0.7 (1 − 0.5¹²) / 0.5


def test_what_is_reached_and_does_not_move_is_told_apart() -> None:
    subject = subject_of(
        FILES, {"mechanisms/pushing.toml": mechanism("pushing", "z", "Normal(x[t-1] - x[t-1], 1)")}, SMALL
    )
    found = rows(subject)
    assert set(found) == {"x", "y", "z"}
    assert all(row[1] == "none: it does not move" for row in found.values())


def test_what_is_not_reached_stays_exactly_as_it_was() -> None:
    subject = with_law("Normal(0.7 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)")
    first = next(iter(downstream_blocks(subject)))
    assert isinstance(first, Sentence)
    assert "the other 2 stay exactly as they were in all 400 trajectories" in first.text


def test_the_least_lag_counts_from_the_nearest_touched_variable() -> None:
    found = behaviour(subject_of(FILES, {"mechanisms/pushing.toml": mechanism("pushing", "z", "Normal(1, 1)")}, SMALL))
    assert found is not None
    assert dict(reach(found)) == {"z": 0, "x": 1, "y": 1}
