"""How many questions each reviewer has to answer about a change, at the least.

The count stands in the signed proposal, and whoever has the files computes it again: nobody opens a request that asks
for less.
"""

from collections.abc import Mapping


def least_questions(before: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> int:
    """The number of questions that can be asked about this change, two at the most; told by the two graphs alone."""
    from reviewer.comprehension.making import required_questions  # noqa: PLC0415 - torch is heavy
    from reviewer.panes.subject import subject_of  # noqa: PLC0415 - so is what it leads to

    return required_questions(subject_of(before, changes))
