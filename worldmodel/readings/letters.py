"""The Greek letters that names may spell out, as every mathematical notation draws them."""

import unicodedata

_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu
nu xi pi rho sigma tau upsilon phi chi psi omega
"""

GREEK = {name: unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}") for name in _NAMES.split()}
"""The letter of each name; Unicode itself spells lambda without a b."""
