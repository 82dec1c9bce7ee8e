"""The wall clock, in one place; `SOURCE_DATE_EPOCH` stands in for it where the same bytes must come out twice."""

import os
from datetime import UTC, datetime

from worldmodel.errors import InputError, Problem

VARIABLE = "SOURCE_DATE_EPOCH"


def now() -> str:
    """The time in UTC to the second, as operations record it."""
    fixed = os.environ.get(VARIABLE)
    if fixed is not None and not fixed.isdigit():
        raise InputError(
            Problem(
                code="bad-clock",
                where=VARIABLE,
                found=repr(fixed),
                wanted="whole seconds since 1970",
                mend="unset the variable, or give it a number such as 1700000000",
            )
        )
    moment = datetime.now(UTC) if fixed is None else datetime.fromtimestamp(int(fixed), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(time: str) -> int:
    """Seconds since 1970 of a recorded time."""
    return int(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
