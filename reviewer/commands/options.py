"""Options and helpers that the commands of the review share."""

import click

from reviewer.naming import made_up_note, who

__all__ = ["made_up_note", "number_argument", "who"]

number_argument = click.argument("number", type=click.IntRange(min=1))
