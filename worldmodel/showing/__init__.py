"""A world explained to people: in a terminal, in a notebook, as one page, and what changed between two of them."""
