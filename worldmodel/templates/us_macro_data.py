"""The data of the template `us-macro`, built from the quarterly US series that ship with statsmodels (public domain).

Every column of a quarter is a function of that quarter and of the quarters before it: nothing is centred, filtered from
both sides or scaled by what came later. Rounding is part of the definition, so that derived columns follow the world's
own laws to the last digit that is written.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from statsmodels.datasets import macrodata

GAIN_OF_EXPECTATIONS = 0.125
GAIN_OF_NATURAL_RATE = 0.03
DIGITS = 6

Column = NDArray[np.float64]


def data_csv() -> bytes:
    """The data file: 1959Q2 (the first quarter with an inflation rate) to 2009Q3, one row a quarter."""
    columns = us_macro_columns()
    lines = [",".join(("quarter", *columns))]
    lines += [",".join((time, *row)) for time, row in zip(_quarters(), _cells(columns), strict=True)]
    return ("\n".join(lines) + "\n").encode("ascii")


def us_macro_columns() -> dict[str, Column]:
    """The template's variables, one array each, in alphabetical order."""
    raw = macrodata.load_pandas().data
    prices, unemployment = raw["cpi"].to_numpy(), raw["unemp"].to_numpy()
    consumption = np.round(raw["realcons"].to_numpy() * 1000.0 / raw["pop"].to_numpy(), 2)
    inflation = np.round(100.0 * ((prices[1:] / prices[:-1]) ** 4 - 1.0), 2)
    growth = np.round(400.0 * (consumption[1:] / consumption[:-1] - 1.0), DIGITS)
    expected = adaptive(inflation, GAIN_OF_EXPECTATIONS, inflation[0])
    natural = adaptive(unemployment, GAIN_OF_NATURAL_RATE, unemployment[0])[1:]
    rate = raw["tbilrate"].to_numpy()[1:]
    return {
        "consumption": consumption[1:],
        "expected_inflation": expected,
        "growth": growth,
        "inflation": inflation,
        "natural_rate": natural,
        "rate": rate,
        "real_rate": np.round(rate - expected, DIGITS),
        "slack": np.round(unemployment[1:] - natural, DIGITS),
        "unemployment": unemployment[1:],
    }


def adaptive(series: Sequence[float] | Column, gain: float, start: float) -> Column:
    """The belief that moves by `gain` towards each value once it is known: belief[t] sees values up to t−1 only."""
    beliefs = [start]
    for value in series[:-1]:
        beliefs.append(round(gain * value + (1.0 - gain) * beliefs[-1], DIGITS))
    return np.array(beliefs, dtype=np.float64)


def _quarters() -> list[str]:
    raw = macrodata.load_pandas().data
    return [f"{int(year)}Q{int(quarter)}" for year, quarter in zip(raw["year"], raw["quarter"], strict=True)][1:]


def _cells(columns: dict[str, Column]) -> list[tuple[str, ...]]:
    texts = [[repr(round(float(value), DIGITS)) for value in column] for column in columns.values()]
    return list(zip(*texts, strict=True))
