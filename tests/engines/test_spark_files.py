"""What stands in a folder beside records: totals, headers alone, empty files, others; told of as on one machine."""

import json
from pathlib import Path

import polars as pl
import pytest
from engines.spark_fixtures import Run
from engines.test_conformance import same_warnings

from clvcli.log.footers import TAIL
from clvcli.log.totals import added, proved

HEADER = "customer_id,date,amount\n"


def lines_of(file: str) -> str:
    """300 records of the file's own customers: files that share lines overlap, which a cluster does not look for."""
    return "".join(f"{file}{i % 40},2024-{1 + i % 9:02}-{1 + i % 28:02},{10 + i % 7}.25\n" for i in range(300))


WHOLE = f"{sum(10.25 + i % 7 for i in range(300)):.2f}"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_no_record_is_told_of(kind: str, on_cluster: Run, on_this_machine: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "proved.csv").write_text(HEADER + lines_of("proved") + f"Total,,{WHOLE}\n")
    (folder / "twice.csv").write_text(HEADER + lines_of("twice") + f",,{WHOLE}\n,,{WHOLE}\n")
    (folder / "wrong.csv").write_text(HEADER + lines_of("wrong") + f"Total,,{WHOLE[:-1]}9\n,,12\n")
    (folder / "bare.csv").write_text(HEADER)
    if kind == "parquet":
        for path in folder.iterdir():
            pl.read_csv(path, infer_schema=False).write_parquet(path.with_suffix(".parquet"), row_group_size=100)
            path.unlink()
        (folder / "bare.parquet").unlink()
    (folder / f"empty.{kind}").touch()
    (folder / "letter.doc").write_text("Dear all")
    args = ["score", "in", "--no-model", "-q"]
    assert on_this_machine(*args, "-o", "here.parquet").code == 0
    done = on_cluster(*args, "-o", "there")
    assert (done.code, done.err) == (0, "")
    here, there = (json.loads((tmp_path / f"{n}.run.json").read_text()) for n in ("here.parquet", "there"))
    assert there["rows"] == here["rows"]
    assert there["rows"]["rejected"] == {"missing_date": 2}
    same_warnings(here["warnings"], there["warnings"])
    told = [warning["code"] for warning in there["warnings"]]
    assert told.count("totals_line") == 1
    assert told.count("empty_file") == (2 if kind == "csv" else 1)
    assert "skipped_files" in told
    files = [(tmp_path / f"{name}.rejects.csv").read_text() for name in ("here.parquet", "there")]
    assert files[0] == files[1]


def test_totals_are_proved_from_parts() -> None:
    """38 records of 5.00 on the lines 2 to 39, then two lines without a date: the sum of all, and 7."""
    parts = [
        {"a": [85, 17, [14, 15, 16, 17, 18], []]},
        {"a": [95, 19, [33, 34, 35, 36, 37], []]},
        {"a": [10, 2, [38, 39, 40], [[40, 190]]]},
        {"a": [0, 0, [41], [[41, 7]]]},
    ]
    found = added(json.loads(json.dumps(part)) for part in parts)
    assert added(reversed(parts)) == found
    assert found["a"] == [190, 38, list(range(42 - TAIL, 42)), [[40, 190], [41, 7]]]
    assert proved(found) == [("a", 40)]
