"""What is told at once of a whole text is what is told of its characters one by one."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from worldmodel.visible import first_hidden, hidden, plain


def test_no_character_of_unicode_is_plain_and_hidden() -> None:
    characters = [chr(code) for code in range(0x110000)]
    assert [character for character in characters if plain(character) and hidden(character)] == []
    missed = {unicodedata.category(one) for one in characters if not plain(one) and not hidden(one)}
    assert missed == {"Zs"}


@given(st.text())
def test_where_a_text_is_plain_nothing_in_it_is_hidden(text: str) -> None:
    assert not plain(text) or first_hidden(text) is None
    assert plain(text) == all(map(plain, text))
