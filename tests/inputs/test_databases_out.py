"""Tables of databases as outputs: whole or not at all, and read again by whatever reads a scored table."""

import contextlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from inputs.doors import clv, csv_of, log
from inputs.postgres import Server, server

from clvcli.core.errors import OutputError, UsageError
from clvcli.output.databases import check_address, check_target, read_table, write_table
from clvcli.output.scored_table import is_scored, read_scored


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a table that is not there."""
    if request.param == "postgresql":
        running: Server = request.getfixturevalue("postgres")
        return f"{running.address}#t{abs(hash(tmp_path))}"
    if request.param == "duckdb":
        pytest.importorskip("duckdb")
    return f"{request.param}:///{tmp_path}/x.{request.param}#scored"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored")
    (folder / "log.csv").write_bytes(csv_of(log()))
    done = clv("score", "log.csv", "-o", "scored.parquet", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_what_is_written_is_read(scored: Path, address: str) -> None:
    """Every column, in its type, as from Parquet."""
    expected = read_scored(str(scored / "scored.parquet"), None).frame
    write_table(pl.read_parquet(scored / "scored.parquet"), address, "fail")
    found = read_scored(address, None).frame
    assert found.columns == expected.columns
    assert found.sort("customer_id").equals(expected.with_columns(pl.selectors.enum().cast(pl.String)))
    assert is_scored(address)


def test_if_exists(address: str) -> None:
    frame = pl.DataFrame({"customer_id": ["a", "b"], "clv": [1.5, None]})
    write_table(frame, address, "fail")
    with pytest.raises(OutputError, match="already exists"):
        check_target(address, "fail")
    with pytest.raises(OutputError, match="already exists"):
        write_table(frame, address, "fail")
    write_table(frame, address, "append")
    assert read_table(address).height == 4
    with pytest.raises(OutputError, match="its columns are not those of this run"):
        write_table(frame.rename({"clv": "other"}), address, "append")
    write_table(frame.head(1), address, "replace")
    assert read_table(address).rows() == [("a", 1.5)]


def test_a_failure_leaves_what_was_there(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from clvcli.output import databases

    frame = pl.DataFrame({"customer_id": ["a", "b"], "clv": [1.5, None]})
    write_table(frame, address, "fail")
    kind = databases.SESSIONS[address.split(":", maxsplit=1)[0]]

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(kind, "commit", broken)
    for how in ("replace", "append"):
        with pytest.raises(OutputError, match="cannot be written: the disk is gone"):
            write_table(frame.head(1), address, how)
    monkeypatch.undo()
    assert read_table(address).height == 2


def test_a_new_file_goes_when_nothing_came_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clvcli.output import databases

    check_target(f"sqlite:///{tmp_path}/x.db#t", "fail")
    assert list(tmp_path.iterdir()) == []

    def broken(*_: object, **__: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(databases.Sqlite, "put", broken)
    with pytest.raises(OutputError):
        write_table(pl.DataFrame({"a": [1]}), f"sqlite:///{tmp_path}/x.db#t", "fail")
    assert list(tmp_path.iterdir()) == []


def test_names_are_quoted(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/x.db#a%22b; drop table t"
    frame = pl.DataFrame({'we"ird. name': [1], "select": [True]})
    write_table(frame, address, "fail")
    assert read_table(address).rows() == [(1, 1)]


def test_addresses() -> None:
    with pytest.raises(UsageError, match="names no table"):
        check_address("sqlite:///x.db")
    with pytest.raises(UsageError, match="nothing is written"):
        check_address("mysql://me:hush@h/db#t")
    with pytest.raises(OutputError, match="the folder /nowhere does not exist"):
        check_target("sqlite:////nowhere/x.db#t", "fail")


def test_at_the_front_door(scored: Path, postgres: Server) -> None:
    """Companions are called after the table; plan, top, compare and --previous read it; no password is shown."""
    target = f"{postgres.address}#front"
    done = clv("score", "log.csv", "-o", target, cwd=scored)
    assert done.returncode == 0, done.stderr
    manifest = (scored / "front.run.json").read_text()
    assert json.loads(manifest)["outputs"][0].startswith("postgresql://clv:***@")
    assert postgres.password not in manifest + done.stderr + done.stdout
    assert (scored / "front.rejects.csv").exists()
    again = clv("score", "log.csv", "-o", target, cwd=scored)
    assert again.returncode == 6
    assert "already exists" in again.stderr
    assert postgres.password not in again.stderr
    for arguments in (
        ("top", target),
        ("plan", target, "-o", "calendar.csv"),
        ("score", "log.csv", "-o", "next.csv", "--previous", target, "-q"),
    ):
        done = clv(*arguments, cwd=scored)
        assert done.returncode == 0, done.stderr
        assert postgres.password not in done.stdout + done.stderr


def test_what_clv_writes_clv_reads(scored: Path) -> None:
    """Every format that holds a table, the same in plan, top and --previous."""
    shown: dict[str, str] = {}
    for suffix in ("csv", "parquet", "ndjson", "xlsx"):
        name = f"of.{suffix}"
        assert clv("score", "log.csv", "-o", name, "-q", cwd=scored).returncode == 0
        done = clv("top", name, "-f", "csv", cwd=scored)
        assert done.returncode == 0, done.stderr
        shown[suffix] = done.stdout
    assert len(set(shown.values())) == 1
    for suffix in ("xlsx", "ndjson"):
        out = f"after-{suffix}.csv"
        done = clv("score", "log.csv", "-o", out, "--previous", f"of.{suffix}", "-q", cwd=scored)
        assert done.returncode == 0, done.stderr
        assert not pl.read_csv(scored / out, infer_schema=False)["stage_changed"].is_in(["true"]).any()


def test_sqlite_holds_the_table_with_its_types(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(csv_of(log()))
    done = clv("score", "log.csv", "-o", "sqlite:///shop.db#scored", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as found:
        kinds = dict(found.execute("select name, type from pragma_table_info('scored')").fetchall())
        count = found.execute("select count(*) from scored").fetchone()[0]
    assert count == json.loads((tmp_path / "scored.run.json").read_text())["customers"]
    assert (kinds["customer_id"], kinds["purchases"], kinds["clv"]) == ("TEXT", "INTEGER", "REAL")
    assert sorted(os.listdir(tmp_path)) == ["log.csv", "scored.rejects.csv", "scored.run.json", "shop.db"]


def test_if_exists_without_a_database(scored: Path) -> None:
    done: subprocess.CompletedProcess[str] = clv("score", "log.csv", "-o", "x.csv", "--if-exists", "append", cwd=scored)
    assert done.returncode == 2
    assert not (scored / "x.csv").exists()
