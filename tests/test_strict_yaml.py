"""What strict YAML accepts, what it refuses, and that every refusal names a place."""

import time

import pytest

from clvcli.core.errors import ConfigError
from clvcli.core.strict_yaml import load


def test_plain_values_are_what_they_look_like() -> None:
    text = "a: 1\nb: -2.5\nc: true\nd: null\ne: hello world\nf: 2024-06-01\ng: 'no'\nh: [1, .5, 1e3]\ni: {}\n"
    text += "j:\nk: '010'\n"
    assert load(text, "x").value == {
        "a": 1, "b": -2.5, "c": True, "d": None, "e": "hello world", "f": "2024-06-01", "g": "no",
        "h": [1, 0.5, 1000.0], "i": {}, "j": None, "k": "010",
    }  # fmt: skip


def test_texts_keep_sql_and_unicode() -> None:
    text = "when: purchases = 1 AND clv_pct >= .9\nname: can't lose\nfolded: >-\n  a\n  b\nliteral: |\n  x\n  y\nü: é\n"
    assert load(text, "x").value == {
        "when": "purchases = 1 AND clv_pct >= .9", "name": "can't lose", "folded": "a b", "literal": "x\ny\n", "ü": "é",
    }  # fmt: skip


def test_an_empty_file_is_nothing() -> None:
    assert load("", "x").value is None
    assert load("# only a comment\n", "x").value is None
    assert load("\ufeffa: 1\r\nb: 2\r\n", "x").value == {"a": 1, "b": 2}


def test_where_names_the_key_the_item_or_what_holds_it() -> None:
    document = load("name: x\nstages:\n  - stage: a\n    when: b\n  - stage: c\n", "rules.yaml")
    assert document.where(("name",)) == "rules.yaml:1:1"
    assert document.where(("stages", 0, "when")) == "rules.yaml:4:5"
    assert document.where(("stages", 1)) == "rules.yaml:5:5"
    assert document.where(("stages", 1, "missing")) == "rules.yaml:5:5"
    assert document.where(("nowhere",)) == "rules.yaml:1:1"


REFUSED = {
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "3:1", "twice (first at line 1, column 1)"),
    "duplicate key below": ("x:\n  a: 1\n  a: 1\n", "3:3", "twice"),
    "duplicate quoted": ("a: 1\n'a': 2\n", "2:1", "twice"),
    "anchor": ("a: &x 1\n", "1:4", "anchor"),
    "alias": ("a: *x\n", "1:4", "alias"),
    "alias as key": ("*x : 1\n", "1:1", "alias"),
    "merge": ("<<: {a: 1}\n", "1:1", "merge"),
    "tag": ("a: !!str 1\n", "1:4", "tag"),
    "python tag": ("!!python/object/apply:os.system ['true']\n", "1:1", "tag"),
    "local tag": ("a: !x 1\n", "1:4", "tag"),
    "no": ("a: no\n", "1:4", "true or false"),
    "On": ("a: On\n", "1:4", "true or false"),
    "off as key": ("off: 1\n", "1:1", "true or false"),
    "octal": ("a: 010\n", "1:4", "octal"),
    "hexadecimal": ("a: 0x1F\n", "1:4", "hexadecimal"),
    "sixties": ("a: 1:30\n", "1:4", "sixties"),
    "underscore": ("a: 1_000\n", "1:4", "underscore"),
    "infinite": ("a: .inf\n", "1:4", "finite"),
    "nan": ("a: .nan\n", "1:4", "finite"),
    "overflow": ("a: 1.0e999\n", "1:4", "too large"),
    "long": ("a: 12345678901234567890\n", "1:4", "too long"),
    "no such day": ("a: 2024-02-30\n", "1:4", "no day"),
    "short date": ("a: 2024-2-3\n", "1:4", "no day"),
    "number as key": ("1: a\n", "1:1", "key that is no text"),
    "null as key": ("~: a\n", "1:1", "key that is no text"),
    "list as key": ("[a]: b\n", "1:1", "as a key"),
    "two documents": ("a: 1\n---\nb: 2\n", "2:1", "second document"),
    "directive": ("%YAML 1.1\n---\na: 1\n", "1:1", "directive"),
    "tab": ("a:\n\tb: 1\n", "2:1", "tab"),
    "unclosed quote": ("a: 'x\n", "1:4", "quote"),
    "unclosed list": ("a: [1,\n", "2:", ""),
    "second colon": ("a: b: c\n", "1:5", "second colon"),
    "at sign": ("a: @x\n", "1:4", "cannot start"),
    "indentation": ("a:\n   b: 1\n  c: 2\n", "3:3", ""),
    "control": ("a: 1\nb: x\x01\n", "2:5", "control character, U+0001"),
    "NUL": ("a: 1\0\n", "1:5", "control character, U+0000"),
    "deep": ("[" * 5_000, "1:", "nested deeper"),
    "deep block": ("- " * 5_000, "1:", "nested deeper"),
    "trailing text": ("a: 1\n...\nxx\n", "3:1", "after the end"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_traps_are_refused_with_a_place(case: str) -> None:
    text, place, words = REFUSED[case]
    started = time.perf_counter()
    with pytest.raises(ConfigError) as caught:
        load(text, "rules.yaml")
    assert caught.value.message.startswith(f"rules.yaml:{place}"), caught.value.message
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert time.perf_counter() - started < 1


def test_huge_and_undecodable_texts_are_refused() -> None:
    for text in ("a: " + "x" * 300_000, "a: \ud800", 'a: "\\ud800"'):
        with pytest.raises(ConfigError):
            load(text, "x")


def test_a_billion_laughs_is_one_line() -> None:
    text = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
    with pytest.raises(ConfigError, match="anchor"):
        load(text, "x")
