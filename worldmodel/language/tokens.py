"""Text to tokens: ASCII only, every token with its place."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from worldmodel import limits
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Span

Kind = Literal["number", "name", "symbol", "end"]

_TOKEN = re.compile(
    r"(?P<space>[ \t\n]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<symbol><=|>=|==|!=|[-+*/^<>()\[\],])"
)


class Token(NamedTuple):
    """A word of the language and where it stands; the last one is of kind `end` and empty."""

    kind: Kind
    text: str
    at: Span


def syntax_problem(found: str, wanted: str, at: Span, mend: str = "") -> InputError:
    """A problem of the text itself; the caller adds in which file and key the text stands."""
    return InputError(Problem(code="syntax", where="", found=found, wanted=wanted, mend=mend, column=at.start + 1))


def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of a text, or InputError at the first character or number that is not of the language."""
    if len(text) > limits.EXPRESSION_CHARACTERS:
        raise InputError(
            Problem(
                code="too-large",
                where="",
                found=f"an expression of {len(text)} characters",
                wanted=f"at most {limits.EXPRESSION_CHARACTERS}",
                mend="split the mechanism in two",
            )
        )
    return (*_tokens(text), Token("end", "", Span(len(text), len(text))))


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if start != position:
            break
        position = end
        match match.lastgroup:
            case "name" | "symbol" as kind:
                yield Token(kind, match.group(), Span(start, end))
            case "number":
                yield _number(match.group(), Span(start, end))
            case _:
                pass
    if position < len(text):
        raise syntax_problem(
            f"the character {text[position]!a}",
            "ASCII letters, digits, + - * / ^ < > = ! ( ) [ ] ,",
            Span(position, position + 1),
            "remove it; code, strings and dots after names are not part of the language",
        )


def _number(text: str, at: Span) -> Token:
    digits = sum(character.isdigit() for character in text)
    if digits > limits.DIGITS or float(text) == float("inf"):
        raise syntax_problem(
            f"a number of {digits} digits" if digits > limits.DIGITS else f"{text}, which is infinite in float64",
            f"finite numbers of at most {limits.DIGITS} digits",
            at,
            "round it to what is known",
        )
    return Token("number", text, at)
