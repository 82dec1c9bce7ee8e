"""A text being parsed: its tokens, how far they have been read, and how much of the limits is used up."""

from dataclasses import dataclass, field

from worldmodel import limits
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Span
from worldmodel.language.tokens import Token, syntax_problem


@dataclass
class Reader:
    """The tokens and how far they have been read; counts nodes and depth against the limits.

    `token` is the next token.
    """

    tokens: tuple[Token, ...]
    bare_variables: bool = False
    position: int = 0
    depth: int = 0
    nodes: int = 0
    token: Token = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.tokens[0]

    def take(self) -> Token:
        """The next token, read."""
        token = self.token
        if token.kind != "end":
            self.position += 1
            self.token = self.tokens[self.position]
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these words and symbols."""
        return self.token.text in texts

    def expect(self, text: str) -> Token:
        """The next token, which must be this one."""
        if not self.sees(text):
            raise self.unexpected(f"“{text}”")
        return self.take()

    def integer(self, most: int) -> int:
        """The next token, which must be a whole number from 1 to `most`."""
        text = self.token.text
        if self.token.kind != "number" or not text.isdigit() or not 1 <= int(text) <= most:
            raise self.unexpected(f"a whole number from 1 to {most}")
        return int(self.take().text)

    def probability(self) -> float:
        """The next token, which must be a number from 0 to 1."""
        if self.token.kind != "number" or not 0 <= float(self.token.text) <= 1:
            raise self.unexpected("a probability from 0 to 1")
        return float(self.take().text)

    def since(self, start: Token) -> Span:
        """From the beginning of a token to the end of the last one read."""
        return Span(start.at.start, self.tokens[self.position - 1].at.end)

    def unexpected(self, wanted: str) -> InputError:
        """The problem that the next token is not what is wanted."""
        found = "the end of the text" if self.token.kind == "end" else f"“{self.token.text}”"
        return syntax_problem(found, f"{wanted} wanted", self.token.at)

    def descend(self) -> None:
        """Counts one more level of nesting; the caller takes it back."""
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise too_complex(f"nesting deeper than {limits.EXPRESSION_DEPTH}", self.token.at)

    def count(self) -> None:
        """Counts one more node."""
        self.nodes += 1
        if self.nodes > limits.EXPRESSION_NODES:
            raise too_complex(f"more than {limits.EXPRESSION_NODES} terms", self.token.at)


def too_complex(found: str, at: Span) -> InputError:
    """The problem of a text that no person can take in."""
    return InputError(
        Problem(
            code="too-large",
            where="",
            found=found,
            wanted="an expression that a person can take in",
            mend="split the mechanism in two",
            column=at.start + 1,
        )
    )
