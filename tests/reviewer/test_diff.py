"""The difference that a reviewer reads: key by key, then line by line, and nothing hidden in it."""

from reviewer.diff import key_changes, render_diff, shown_digest, text_diff

OLD = b'law = "Normal(0, 1)"\n[parameters.a]\nprior = "Beta(1, 1)"\n'
NEW = b'law = "Normal(0, 2)"\n[parameters.b]\nprior = "Beta(1, 1)"\n'


def test_keys_show_old_and_new_values() -> None:
    changes = [str(change) for change in key_changes("x.toml", OLD, NEW)]
    assert changes == [
        "law: 'Normal(0, 1)' → 'Normal(0, 2)'",
        "parameters.a.prior: 'Beta(1, 1)' → —",
        "parameters.b.prior: — → 'Beta(1, 1)'",
    ]


def test_lists_of_tables_are_compared_entry_by_entry() -> None:
    old, new = b'[[claims]]\nclaim = "a"\n', b'[[claims]]\nclaim = "a"\n[[claims]]\nclaim = "b"\n'
    assert [str(change) for change in key_changes("x.toml", old, new)] == ["claims[1].claim: — → 'b'"]


def test_formatting_alone_is_called_so() -> None:
    text = render_diff({"x.toml": b"a = 1\n"}, {"x.toml": b"# why\na  =  1\n"})
    assert "the meaning is the same" in text
    assert "+# why" in text


def test_new_and_removed_files_are_shown_whole() -> None:
    text = render_diff({"gone.toml": OLD}, {"gone.toml": None, "new.toml": NEW})
    assert "== gone.toml (removed)" in text
    assert "== new.toml (new)" in text
    assert '-law = "Normal(0, 1)"' in text
    assert '+law = "Normal(0, 2)"' in text


def test_characters_that_deceive_are_shown_as_escapes() -> None:
    text = text_diff("x.toml", b"", "a = 1 # \u202e\x1b[1A\u200b".encode())
    assert "\\u202e" in text
    assert "\\x1b[1A" in text
    assert "\\u200b" in text


def test_what_is_shown_is_bound_to_the_letter() -> None:
    one, two = (render_diff({"x.toml": OLD}, {"x.toml": new}) for new in (NEW, NEW + b"# more\n"))
    assert shown_digest(one) != shown_digest(two)
