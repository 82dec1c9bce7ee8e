"""Which characters a reader cannot see or rely on: refused in what is read, and shown as escapes in what is printed."""

import unicodedata

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Blank or ignorable by Unicode's own tables, though their category does not say so: fillers, joiners, variation
# selectors. Whole messages have been hidden in the selectors after one visible letter.
BLANK = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
)
_BLANKS = frozenset(map(chr, BLANK))


def hidden(character: str) -> bool:
    """Whether a character is invisible, moves what stands around it, or has no fixed meaning.

    >>> [hidden(character) for character in ("é", "\\u202e", "\\ufe0f")]
    [False, True, True]
    """
    return unicodedata.category(character) in HIDDEN_CATEGORIES or ord(character) in BLANK


def plain(text: str) -> bool:
    """Whether no character is hidden, told at once; line ends, tabs and uncommon spaces make it no.

    Python calls a character printable where its category is none of the hidden ones and no space but the common one.

    >>> [plain(text) for text in ("é “x”", "a\\nb", "a\\u202eb", "\\ufe0f")]
    [True, False, False, False]
    """
    return text.isprintable() and (text.isascii() or _BLANKS.isdisjoint(text))


def first_hidden(text: str, allowed: str = "") -> int | None:
    """The place of the first hidden character that is not among the allowed ones; None where there is none.

    >>> first_hidden("a\\tb\\u202ec", allowed="\\t")
    3
    """
    if plain(text):
        return None
    return next((place for place, character in enumerate(text) if character not in allowed and hidden(character)), None)


def shown(text: str) -> str:
    """The text with every character that could deceive a reader as an escape; line ends and tabs stay.

    >>> shown("a\\u202eb")
    'a\\\\u202eb'
    """
    if plain(text):
        return text
    return "".join(_escape(character) for character in text)


def _escape(character: str) -> str:
    if character in "\n\t" or not hidden(character):
        return character
    return character.encode("unicode_escape").decode("ascii")
