"""--separator, --quote, --escape and --skip-lines: what detection cannot know, and what it now tells by itself."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.core.options import LogOptions
from clvcli.core.options.marks import a_quote, an_escape, mark_of
from clvcli.log.read import Log, read_log

HEAD = ("customer_id", "date", "amount", "note")
ROWS = [(f"c{i % 9}", f"2024-01-{1 + i % 28:02}", f"{10 + i}.50", f"note {i}") for i in range(60)]


def read(path: Path, text: str, **options: object) -> Log:
    path.write_text(text, newline="")
    return read_log(LogOptions(data=(str(path),), max_rejects="100%", **options), date(2026, 11, 30))  # type: ignore[arg-type]


def lines(mark: str, quote: str = "", rows: Sequence[tuple[str, ...]] = ROWS) -> str:
    return "".join(mark.join(f"{quote}{cell}{quote}" for cell in row) + "\n" for row in [HEAD, *rows])


@pytest.fixture
def plain(tmp_path: Path) -> pl.DataFrame:
    return read(tmp_path / "plain.csv", lines(",")).purchases


@pytest.mark.parametrize(
    ("mark", "asked"), [("^", "^"), ("^", "caret"), ("\x01", r"\x01"), ("\x01", "^A"), ("~", "~"), ("\t", "tab")]
)
def test_a_separator_that_is_asked_for(tmp_path: Path, plain: pl.DataFrame, mark: str, asked: str) -> None:
    assert read(tmp_path / "log.csv", lines(mark), separator=asked).purchases.equals(plain)


@pytest.mark.parametrize(("quote", "asked"), [("%", "%"), ("'", "apostrophe"), ("'", None), ('"', None)])
def test_a_quote_that_is_asked_for_or_found(tmp_path: Path, plain: pl.DataFrame, quote: str, asked: str | None) -> None:
    rows = [(*row[:3], f"a, {row[3]}") for row in ROWS]
    log = read(tmp_path / "log.csv", lines(",", quote, rows), quote=asked)
    assert log.purchases.equals(plain)
    assert log.quality.inputs[0]["quote"] == quote


def test_quotes_that_quote_nothing(tmp_path: Path) -> None:
    rows = [(f'"{row[0]}', *row[1:]) for row in ROWS]
    log = read(tmp_path / "log.csv", lines(",", rows=rows), quote="none")
    assert log.quality.used == 60
    assert log.purchases["customer_id"][0] == '"c0'


def test_fields_between_single_spaces(tmp_path: Path, plain: pl.DataFrame) -> None:
    """Quoted texts with blanks in them tell a space apart from runs of blanks."""
    text = "".join(" ".join((*row[:3], f'"{row[3]}"')) + "\n" for row in [HEAD, *ROWS])
    log = read(tmp_path / "log.csv", text)
    assert log.purchases.equals(plain)
    assert (log.quality.inputs[0]["separator"], log.quality.inputs[0]["quote"]) == ("space", '"')
    empty = text.replace(' "note 7"', ' ""').replace("c3 ", '"c3" ')
    assert read(tmp_path / "log.csv", empty, separator="space").purchases.equals(plain)


@pytest.mark.parametrize("where", ["plain", "blocks"])
def test_an_export_of_mysql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """SELECT ... INTO OUTFILE: tabs, no quotes; tabs, line ends and backslashes in values are escaped, NULL is \\N."""
    if where == "blocks":
        monkeypatch.setattr("clvcli.log.text.BLOCK", 200)
    special = [
        ("a\\\tb", "2024-02-01", "1.00", "two\\\nlines"),
        ("back\\\\", "2024-02-02", "2.00", "\\N"),
        ("N\\\\N", "2024-02-03", "3.00", 'a "quote'),
        ("\\N", "2024-02-04", "4.00", "nobody"),
        ("c1", "2024-02-05", "x", "bad"),
        ("c1", "2024-02-06", "6.00"),
        ("nl\\nt\\tx", "2024-02-07", "7.00", "letters"),
    ]
    log = read(tmp_path / "log.tsv", lines("\t", rows=[*ROWS, *special]), escape="backslash", quote="none")
    found = log.purchases.filter(pl.col("day") > date(2024, 1, 31)).select("customer_id", "amount").rows()
    assert sorted(found) == [("N\\N", 300), ("a\tb", 100), ("back\\", 200), ("nl\nt\tx", 700)]
    assert log.quality.excluded == {"no_customer_id": 1}
    rejects = log.rejects.select("line", "value", "reason").rows()
    assert rejects == [(67, "x", "bad_amount"), (68, "c1\t2024-02-06\t6.00", "too_few_fields")]


def test_quotes_escaped_by_backslashes(tmp_path: Path, plain: pl.DataFrame) -> None:
    rows = [(*row[:3], f'48\\", round, {row[3]} \\\\') for row in ROWS]
    log = read(tmp_path / "log.csv", lines(",", '"', rows), escape="\\")
    assert log.purchases.equals(plain)
    lined = read_log(
        LogOptions(data=(str(tmp_path / "log.csv"),), escape="\\"), date(2026, 11, 30), lines={"note": "note"}
    ).lines
    assert lined is not None
    assert sorted(lined["note"])[0] == '48", round, note 0 \\'


def test_an_export_of_hive(tmp_path: Path, plain: pl.DataFrame) -> None:
    """No header, \\x01 between fields, \\N for null, escaped separators."""
    text = "".join("\x01".join((*row[:3], "\\N")) + "\n" for row in ROWS) + "d\\\x01x\x012024-03-01\x015\x01\\N\n"
    log = read(
        tmp_path / "000000_0", text, separator=r"\x01", escape="backslash", header=False,
        customer="column_1", date="column_2", amount="column_3",
    )  # fmt: skip
    assert log.purchases.filter(pl.col("customer_id") != "d\x01x").equals(plain)
    assert log.quality.used == 61


def test_lines_before_the_header(tmp_path: Path, plain: pl.DataFrame) -> None:
    text = "shop,of,the,north\nc1,2023-01-01,9.99,looks like a record\n" + lines(",")
    log = read(tmp_path / "log.csv", text + "c1,x,1,bad\n", skip_lines=2)
    assert log.purchases.equals(plain)
    assert log.rejects["line"].to_list() == [64]


def test_more_lines_before_the_header_than_a_block_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clvcli.log.text.BLOCK", 8)
    log = read(tmp_path / "log.csv", "some title\n" * 9 + lines(","), skip_lines=9)
    assert (log.quality.read, log.quality.used) == (60, 60)


def test_marks_by_name_and_number() -> None:
    assert [mark_of(text) for text in (r"\x09", r"\001", "^A", "^", "Tab", ";")] == [
        "\t",
        "\x01",
        "\x01",
        "^",
        "\t",
        ";",
    ]
    for text in ("", "ab", "é", "a", "7", "\n", r"\x00", r"\x0a"):
        with pytest.raises(ValueError, match="is one ASCII character"):
            mark_of(text)
    a_quote("none")
    for check in (a_quote, an_escape):
        with pytest.raises(ValueError, match="is one character"):
            check("space")


def test_what_is_no_mark_is_refused_at_the_door(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(lines(","))
    for flag, value in (("--separator", "ab"), ("--quote", "blanks"), ("--escape", "no"), ("--skip-lines", "-1")):
        done = clv("score", "log.csv", flag, value)
        assert (done.code, flag in done.err) == (2, True)
