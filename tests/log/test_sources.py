"""Which files DATA means: files, globs, folders, stdin; outputs of earlier runs are left out."""

import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest
from corpus.build import base, file

from clvcli.core.errors import InputError, UsageError
from clvcli.core.options import LogOptions
from clvcli.log.read import read_log, read_table
from clvcli.log.remote import unreachable
from clvcli.log.sources import find_sources

RUN_DAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def paths(*data: str) -> list[str]:
    return [source.path for source in find_sources(data).sources]


def test_a_glob_is_sorted() -> None:
    for name in ("b.csv", "a.csv", "c.txt"):
        Path(name).write_bytes(file(base(5)))
    assert paths("*.csv") == ["a.csv", "b.csv"]


def test_a_name_with_brackets_is_a_name() -> None:
    Path("orders[1].csv").write_bytes(file(base()))
    assert paths("orders[1].csv") == ["orders[1].csv"]
    assert read_log(LogOptions(data=("orders[1].csv",)), RUN_DAY).quality.used == 200


def test_a_folder_without_hidden_files_and_outputs() -> None:
    for name in (
        "in/x.csv",
        "in/2024/y.parquet",
        "in/.z.csv",
        "in/_SUCCESS",
        "in/scored.csv",
        "in/scored.csv.rejects.csv",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(file(base(5)))
    Path("in/scored.csv.run.json").write_text(json.dumps({"clv": "1", "outputs": ["in/scored.csv"]}))
    found = find_sources(("in",))
    assert [s.path for s in found.sources] == ["in/2024/y.parquet", "in/x.csv"]
    assert set(found.skipped) == {"in/scored.csv", "in/scored.csv.rejects.csv"}


def test_outputs_that_are_skipped_are_named() -> None:
    Path("a.csv").write_bytes(file(base()))
    Path("a.csv.rejects.csv").write_bytes(b"file,line,column,value,reason\n")
    log = read_log(LogOptions(data=("*.csv",)), RUN_DAY)
    assert [n.code for n in log.quality.notices] == ["skipped_outputs"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (("nothing.csv",), "no such file"),
        (("no*.csv",), "no file matches"),
        (("empty",), "no CSV, Parquet, Excel, JSON or Arrow file"),
        (("a.csv", "./a.csv"), "given twice"),
    ],
)
def test_what_is_missing_or_double_is_refused(data: tuple[str, ...], message: str) -> None:
    Path("empty").mkdir()
    Path("a.csv").write_bytes(file(base(5)))
    with pytest.raises(InputError, match=message):
        find_sources(data)


def test_a_misspelt_file_has_a_hint() -> None:
    Path("orders.csv").write_bytes(file(base(5)))
    with pytest.raises(InputError) as caught:
        find_sources(("order.csv",))
    assert caught.value.hint == "did you mean orders.csv?"


def test_stdin_stands_alone() -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        find_sources(("-", "a.csv"))


def test_stdin_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file(base()))))
    log = read_log(LogOptions(data=("-",)), RUN_DAY)
    assert log.quality.used == 200
    assert log.quality.inputs[0]["path"] == "stdin"


def test_read_table_gives_no_hint_that_leads_nowhere() -> None:
    """--encoding and --no-header are about DATA, not about this file."""
    for content in ("customer_id,tier\nZoë,gold\n".encode("cp1252"), b"C1,2024-01-01\nC2,2024-01-02\n"):
        Path("people.csv").write_bytes(content)
        with pytest.raises(InputError, match=r"^customers: people.csv") as caught:
            read_table("people.csv", "customers")
        assert caught.value.hint == "write it as UTF-8 with a header"


def test_read_table_refuses_ragged_lines() -> None:
    Path("people.csv").write_text("customer_id,segment\nA,gold\nB\n")
    with pytest.raises(InputError, match=r"customers: people.csv, line 3: too few fields"):
        read_table("people.csv", "customers")
    Path("people.csv").write_text("customer_id;segment\nA;gold\n001;\n")
    assert read_table("people.csv", "customers").rows() == [("A", "gold"), ("001", None)]


def test_an_address_that_does_not_answer_is_one_line_with_a_way_round() -> None:
    problem = unreachable("https://shop.example/orders.csv", OSError("no route\nbacktrace"))
    assert problem.message == "https://shop.example/orders.csv: cannot be read (no route)"
    assert (
        problem.hint == "check the address and its rights; or fetch it first: curl -L https://shop.example/orders.csv"
    )
    assert unreachable("s3://b/o.csv", OSError("x")).hint == "check the address and its rights"


def test_a_folder_names_what_it_leaves_out() -> None:
    folder = Path("in")
    for name in ("a.csv", "notes.md", "_SUCCESS", ".hidden.csv", "_temporary/b.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file(base()))
    log = read_log(LogOptions(data=("in",)), RUN_DAY)
    assert log.quality.read == 200
    assert [n.code for n in log.quality.notices] == ["skipped_files"]
    assert "notes.md" in log.quality.notices[0].message
