"""The generator's keys of all sites of a seed at once, laid out as kernels read them."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel.noise import round_keys
from worldmodel.simulation.noise import site_words


class Keys(NamedTuple):
    """One row for each site: the two words of each round's key. The address is good as long as the rows live."""

    rows: NDArray[np.uint64]
    address: int


@lru_cache(maxsize=64)
def keys_of(seed: int, sites: tuple[str, ...]) -> Keys:
    """The keys of some sites."""
    rows = np.add(site_words(seed, sites), _SCHEDULE)
    return Keys(rows, rows.ctypes.data)


_SCHEDULE = round_keys([(0, 0)]).reshape(1, -1, 2)
"""What each round adds to the two words of a key."""
