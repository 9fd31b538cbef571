"""The README's table of limits: its numbers are the code's, and each holds at its border."""

import re
from pathlib import Path

import pytest
from conftest import ROOT, Clv

from clvcli.cli import memory as address_space
from clvcli.core.strict_yaml import MAX_CHARACTERS, MAX_DEPTH
from clvcli.log import amounts, date_shapes, memory, records
from clvcli.output.formats import xlsx
from clvcli.sql import guard

ROWS = [f"c{i % 30},2024-{1 + i % 12:02}-{1 + i % 28:02},{5 + i % 9}.00" for i in range(200)]
HEAD = "customer,date,amount"


def section() -> str:
    return (ROOT / "clvcli" / "help" / "limits.md").read_text()


def test_the_numbers_are_the_codes() -> None:
    stated = {int(n.replace(",", "")) for n in re.findall(r"\b\d[\d,]*\b", section())}
    assert {
        memory.BYTES_A_RECORD, records.MAX_LINES_OF_A_RECORD, guard.MAX_CHARACTERS, guard.MAX_TOKENS, guard.MAX_DEPTH,
        MAX_DEPTH, MAX_CHARACTERS // 1024, xlsx.MAX_ROWS, xlsx.MAX_TEXT, address_space._BASE, address_space._PER_CPU,
    } <= stated  # fmt: skip
    assert amounts.LARGEST == 2**53
    assert str(date_shapes.EARLIEST) == "1970-01-02"


def used(clv: Clv, folder: Path, head: str, rows: list[str]) -> tuple[int, dict[str, int]]:
    """Records used, and rejected by reason."""
    (folder / "log.csv").write_text("\n".join([head, *rows]) + "\n")
    done = clv("score", "log.csv", "--no-model", "--max-rejects", "50%", COLUMNS="200")
    assert done.code == 0, done.err
    found = re.search(r"read, (\d+) used", done.err)
    assert found
    line = next(line for line in done.err.splitlines() if line.startswith("Records"))
    return int(found[1]), {reason: int(n) for n, reason in re.findall(r"(\d+) ([a-z]+_[a-z_]+)", line)}


def test_many_columns_and_long_fields(clv: Clv, tmp_path: Path) -> None:
    more = [f"x{i}" for i in range(5000)]
    rows = [f"{row},{','.join('1' for _ in more)},{'n' * (4_000_000 if i == 7 else 1)}" for i, row in enumerate(ROWS)]
    assert used(clv, tmp_path, ",".join([HEAD, *more, "note"]), rows) == (200, {})


@pytest.mark.parametrize(("lines", "kept"), [(records.MAX_LINES_OF_A_RECORD, True), (2001, False)])
def test_lines_of_a_quoted_field(clv: Clv, tmp_path: Path, lines: int, kept: bool) -> None:
    rows = [f"{row},a" for row in ROWS]
    rows[50] = f'{ROWS[50]},"' + "\n" * (lines - 1) + '"'
    number, reasons = used(clv, tmp_path, HEAD + ",note", rows)
    assert (number == 200, "unclosed_quote" in reasons) == (kept, not kept)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("c1,2024-03-03,90071992547409.92", ""),
        ("c1,2024-03-03,90071992547409.93", "amount_too_large"),
        ("c1,1970-01-02,5.00", ""),
        ("c1,1970-01-01,5.00", "impossible_date"),
    ],
)
def test_amounts_and_dates(clv: Clv, tmp_path: Path, row: str, reason: str) -> None:
    assert used(clv, tmp_path, HEAD, [*ROWS, row]) == ((200, {reason: 1}) if reason else (201, {}))


@pytest.mark.parametrize(("stages", "code"), [(200, 0), (201, 4)])
def test_stages(clv: Clv, tmp_path: Path, stages: int, code: int) -> None:
    (tmp_path / "log.csv").write_text("\n".join([HEAD, *ROWS]) + "\n")
    (tmp_path / "r.yaml").write_text(
        "stages:\n" + "".join(f"  - {{stage: s{i}, when: purchases = {i}}}\n" for i in range(stages))
    )
    assert clv("score", "log.csv", "--no-model", "--rules", "r.yaml", "-q").code == code
