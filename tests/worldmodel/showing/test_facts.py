"""The rows of tables: parameters in their own units, families element by element, tables by the names of their axes."""

from dataclasses import replace

import pytest

from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel.components.posterior import ParameterPosterior, PosteriorFile
from worldmodel.showing import facts
from worldmodel.world import World


@pytest.fixture(scope="module")
def epidemic() -> World:
    return world_from(EPIDEMIC)


def test_a_parameter_of_a_hierarchy_has_no_interval_before_and_one_for_each_element_after(epidemic: World) -> None:
    rows = {row.name: row for row in facts.parameter_rows(epidemic, epidemic.mechanisms["spread"])}
    assert set(rows) == {"beta[region]", "centre", "noise"}
    assert rows["beta[region]"].before is None
    assert facts.mean_text(rows["centre"].after) == "not fitted"
    entry = ParameterPosterior(scale="log", mean=0.0, sd=0.1, grid=0.05, bits=1.0)
    names = ("beta[north]", "beta[south]", "beta[east]", "centre", "noise")
    posterior = PosteriorFile.model_construct(parameters=dict.fromkeys(names, entry))
    fitted = replace(epidemic, posteriors={"spread": posterior})
    rows = {row.name: row for row in facts.parameter_rows(fitted, fitted.mechanisms["spread"])}
    assert set(rows) == set(names)
    # The mean of a log-normal is exp(sd² / 2), its sd about the sd on the log scale.
    assert facts.mean_text(rows["beta[north]"].after) == "1.01 ± 0.1"
    assert facts.interval_text(rows["beta[north]"].after) == "0.848 to 1.18"


def test_tables_stand_by_the_names_of_their_axes(epidemic: World) -> None:
    tables = {name: entry for _, name, entry in facts.tables(epidemic)}
    assert facts.table_rows(epidemic, tables["contact"]) == (
        ("region", "north", "south", "east"),
        [("north", "1", "0.2", "0"), ("south", "0.2", "1", "0.1"), ("east", "0", "0.1", "1")],
    )
    assert facts.table_rows(epidemic, tables["damp"]) == (("weather", "value"), [("dry", "1.2"), ("wet", "0.8")])
    assert facts.table_rows(epidemic, tables["next"])[1] == [("dry", "0.8 : 0.2"), ("wet", "0.4 : 0.6")]
    sprinkler = world_from(SPRINKLER)
    ((_, _, wet),) = facts.tables(sprinkler)
    assert facts.table_rows(sprinkler, wet) == (
        ("rain", "off", "on"),
        [("no", "1.0 : 0.0", "0.1 : 0.9"), ("yes", "0.2 : 0.8", "0.01 : 0.99")],
    )


def test_a_series_by_the_step_stands_in_one_cell(epidemic: World) -> None:
    entry = next(entry for _, name, entry in facts.tables(epidemic) if name == "damp")
    series = entry.model_copy(
        update={"by": ("region", "t"), "rows": {"north": (1, 2), "south": (3, 4), "east": (5, 6)}}
    )
    assert facts.table_rows(epidemic, series) == (
        ("region", "by t"),
        [("north", "1, 2"), ("south", "3, 4"), ("east", "5, 6")],
    )
    alone = entry.model_copy(update={"by": ("t",), "rows": (1, 2, 3)})
    assert facts.table_rows(epidemic, alone) == (("by t",), [("1, 2, 3",)])


def test_every_constant_is_listed_with_where_it_stands(epidemic: World) -> None:
    assert list(facts.constant_rows(epidemic)) == [("world", "population", "1000", "1", "people in a region")]
