"""The one template function: nothing that is filled in can become markup."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.markup import Html, fill, join, picture, table
from worldmodel.visible import hidden, shown


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += [tag, *(name for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        self.words += data


def read(markup: Html) -> _Reader:
    reader = _Reader()
    reader.feed(markup.text)
    reader.close()
    return reader


@given(st.text())
def test_text_never_becomes_a_tag_and_never_loses_a_character(text: str) -> None:
    reader = read(fill("<p>$text</p>", text=text))
    assert reader.tags == ["p"]
    assert reader.words == shown(text)
    assert not any(hidden(character) for character in reader.words if character not in "\n\t")


@given(st.text())
def test_text_never_leaves_an_attribute(text: str) -> None:
    assert read(fill('<img alt="$text">', text=text)).tags == ["img", "alt"]


def test_markup_is_filled_in_as_it_is_and_only_once() -> None:
    inner = fill("<b>$name</b>", name="$other & co")
    assert fill("<p>$inner</p>", inner=inner).text == "<p><b>$other &amp; co</b></p>"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("<p>$absent</p>")


def test_a_table_escapes_its_cells() -> None:
    reader = read(table(["<i>"], [["<script>", 0.123456, Html("<em>fine</em>")]]))
    assert "script" not in reader.tags
    assert "em" in reader.tags
    assert "0.123" in reader.words


def test_pieces_are_joined_by_escaped_text() -> None:
    assert join([Html("<a></a>"), Html("<b></b>")], " & ").text == "<a></a> &amp; <b></b>"


def test_a_picture_is_part_of_the_page(tmp_path: Path) -> None:
    file = tmp_path / "fan.svg"
    file.write_text("<svg/>")
    assert picture(file, 'say "fan"').text == '<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="say &quot;fan&quot;">'
