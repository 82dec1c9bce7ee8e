"""The table of units is Pint's: every name, every prefix, every product."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.units.pint_table import TABLE, aliases, prefixes, registry, table_text
from worldmodel.units import Unit, parse_unit
from worldmodel.units.table import PREFIXES, UNITS

NAMES = sorted(name for name, entry in UNITS.items() if entry.takes_prefixes and name != "quarter")
PLAIN = ["m", "s", "kg", "year", "percent", "person", "dollar", "km", "hours", "joule", "kW", "L", "bits", "ppm"]


@pytest.fixture(scope="module")
def pint() -> Any:
    return registry()


def _agrees(unit: Unit, text: str, pint: Any) -> bool:
    factor, base = pint.get_base_units(pint.parse_units(text))
    exponents = tuple(sorted((name, float(power)) for name, power in base._units.items() if power))
    return unit.base == exponents and math.isclose(unit.log_factor, math.log(factor), abs_tol=1e-9)


def test_the_table_is_what_pint_says(pint: Any) -> None:
    assert TABLE.read_text(encoding="utf-8") == table_text(pint)


def test_no_name_of_pint_is_missing(pint: Any) -> None:
    assert {name for names in aliases(pint).values() for name in names} - set(UNITS) == {"electron_g_factor", "g_e"}
    assert prefixes(pint) == PREFIXES


@given(prefix=st.sampled_from(sorted(PREFIXES)), name=st.sampled_from(NAMES), plural=st.booleans())
def test_a_name_with_prefix_and_plural_means_what_it_means_to_pint(
    pint: Any, prefix: str, name: str, plural: bool
) -> None:
    text = prefix + name + "s" * plural
    if len(name) > 1 or not plural:
        assert _agrees(parse_unit(text), text, pint)


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    product = st.builds("{}{}{}".format, inner, st.sampled_from(["*", "/", " / "]), inner)
    return product | product.map("({})".format)


powers = st.builds("{}{}".format, st.sampled_from(PLAIN), st.sampled_from(["", "**2", "**-3", " ** 2"]))
products = st.recursive(powers, _deeper, max_leaves=7).filter(lambda text: len(text) <= 80)


@given(products)
def test_a_product_means_what_it_means_to_pint(pint: Any, text: str) -> None:
    assert _agrees(parse_unit(text), text, pint)
