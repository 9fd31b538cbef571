"""The record splitter against its slow twin on hostile text. `make fuzz` runs the same for as long as one likes."""

from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twin_records import split

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.content import open_content
from clvcli.log.dialect import Asked, Dialect
from clvcli.log.records import records_of
from clvcli.log.sources import Source
from clvcli.log.text import NotPlainError, open_text

COLUMNS = ("a", "b", "c")
COMMA = Dialect(",", '"', COLUMNS, 0, 0, False)
PIECES = st.sampled_from(
    ['"', '""', '"""', ",", ",,", "\n", "\n\n", 'x,y,z\n', '"x","y","z"\n', '"x\ny",1,2\n', 'a"b', '5" n', '",', ',"',
     '"\n', '\n"', "\0", "é", "x", " ", "\t", "1,2,3", '"x "y" z"', ",\n", '"",""\n']
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def agrees_with_twin(text: str) -> None:
    """The same records on the same lines, and the same rejects."""
    wanted = split(text, len(COLUMNS))
    found = records_of(text.encode(), COMMA, 0)
    assert [(b.line, b.reason) for b in found.broken] == wanted.rejects
    assert found.lines.tolist() == [line for line, _ in wanted.records]
    assert found.frame.rows() == [tuple(f or None for f in fields) for _, fields in wanted.records]


@given(TEXTS)
@example('"x\n\0y",1,2\n')
@example('x"y,z"\n')
def test_records_are_those_of_the_twin(text: str) -> None:
    agrees_with_twin(text)


@given(TEXTS, st.sampled_from([1, 7, 20, 60]))
def test_the_size_of_blocks_changes_no_record(tmp_path: Path, text: str, size: int) -> None:
    agrees_in_blocks(tmp_path, text, size)


def agrees_in_blocks(folder: Path, text: str, size: int) -> None:
    """A file read in blocks gives the records of its text as a whole. A plain record ends it: a footer is looked for in
    the last block alone, which is a megabyte or the file."""
    path = folder / "log.csv"
    path.write_text("a,b,c\nx,y,z\n" + text + "\nx,y,z\n", newline="")
    try:
        whole = [records(path, 1 << 23)]
        whole.append(records(path, size))
    except (InputError, NotPlainError):
        return
    assert whole[0] == whole[1]


def records(path: Path, size: int) -> object:
    """Lines, fields and rejects of a file read in blocks of so many bytes."""
    with mock.patch("clvcli.log.text.BLOCK", size):
        table = open_text(0, open_content(Source(str(path), "log")), None, Asked.of(LogOptions(data=("log",))))
        found = [table.read(block) for block in table.blocks()]
    rows = [row for one in found for row in zip(one.lines.tolist(), one.frame.rows(), strict=True)]
    return rows, [(b.line, b.reason) for one in found for b in one.broken]


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", ",,", ",,\n", "x", '"'])
def test_next_to_nothing(text: str) -> None:
    agrees_with_twin(text)
