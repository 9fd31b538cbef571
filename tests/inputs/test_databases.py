"""A log in a database is the log of a file; nothing is written there, and no password is shown anywhere."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv
from inputs.doors import clv, csv_of, log, typed
from inputs.postgres import Server, server

from clvcli.core.addresses import masked, path_of, without_secrets
from clvcli.core.errors import ClvError, InputError, UsageError
from clvcli.core.options import LogOptions
from clvcli.log.inputs.connectorx import check_reads
from clvcli.log.read import Log, read_log

RUN_DAY = date(2024, 12, 31)
WRITES = (
    "drop table orders",
    "with x as (insert into orders select * from orders returning *) select * from x",
    "select 1; drop table orders",
    "/* reads */ -- honestly\n delete from orders",
    "create table more as select * from orders",
)


def read(data: str, **options: str) -> Log:
    return read_log(LogOptions(data=(data,), **options), RUN_DAY)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("databases")
    (folder / "log.csv").write_bytes(csv_of(log()))
    with contextlib.closing(sqlite3.connect(folder / "shop.db")) as made, made:
        made.execute("create table orders (customer_id text, date text, amount real, note text, quantity integer)")
        made.executemany("insert into orders values (?, ?, ?, ?, ?)", log().rows())
    return folder


@pytest.fixture(scope="module")
def duck(folder: Path) -> Path:
    duckdb = pytest.importorskip("duckdb")
    frame = typed().with_columns(pl.col("amount").cast(pl.Decimal(12, 2)))
    with contextlib.closing(duckdb.connect(str(folder / "shop.duckdb"))) as made:
        made.register("given", frame.to_arrow())
        made.execute("create table orders as select * from given")
    return folder / "shop.duckdb"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        execute(
            running,
            "create table plain (customer_id text, date text, amount float8, note text, quantity bigint)",
        )
        import adbc_driver_postgresql.dbapi as driver

        with contextlib.closing(driver.connect(running.address)) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("plain", log().to_arrow(), mode="append")
            connection.commit()
        execute(
            running,
            "create table orders as select customer_id, date::timestamp as date, amount::numeric(12, 2) as amount, "
            "note, quantity from plain",
        )
        yield running


def execute(running: Server, *statements: str) -> None:
    import adbc_driver_postgresql.dbapi as driver

    with contextlib.closing(driver.connect(running.address)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


def count(running: Server) -> int:
    import adbc_driver_postgresql.dbapi as driver

    with contextlib.closing(driver.connect(running.address)) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from orders")
        return int(cursor.fetchone()[0])


def same_table(folder: Path, *data: str, **environment: str) -> None:
    """The scored table, byte for byte, as from CSV."""
    for arguments, out in ((("log.csv",), "from-csv.csv"), (data, "from-database.csv")):
        done = clv("score", *arguments, "-o", out, "--no-model", "-q", cwd=folder, **environment)
        assert done.returncode == 0, done.stderr
    assert (folder / "from-database.csv").read_bytes() == (folder / "from-csv.csv").read_bytes()


def refused(folder: Path, status: int, told: str, data: str, *arguments: str) -> None:
    """The status, one line that names no password."""
    options = {flag.removeprefix("--"): value for flag, value in zip(arguments[::2], arguments[1::2], strict=True)}
    data = data.replace("sqlite:///", f"sqlite:///{folder}/") if "://" in data else str(folder / data)
    with pytest.raises(ClvError) as caught:
        read(data, **options)
    assert caught.value.exit_code == status
    assert told in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert data not in caught.value.message or masked(data) == data


def test_refused_at_the_front_door(folder: Path) -> None:
    before = sorted(p.name for p in folder.iterdir())
    done = clv("score", "shop.db", "--query", WRITES[0], "-o", "refused.csv", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("clv: --query: a statement that begins with drop is not run")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(p.name for p in folder.iterdir()) == before


def test_sqlite(folder: Path) -> None:
    same_table(folder, "shop.db")
    same_table(folder, "sqlite:///shop.db", "--query", "select * from orders; -- all of them")


def test_sqlite_values_of_any_type(tmp_path: Path) -> None:
    """A column of SQLite holds what it is given: 17850 is one id however it was stored, 007 another than 7."""
    path = tmp_path / "x.sqlite"
    ids = [17850, 17850.0, "17850", b"17850", "007", 7, 9007199254740993, None]
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute("create table t (customer, day, amount)")
        made.executemany("insert into t values (?, '2024-01-05', ?)", [(i, n / 4) for n, i in enumerate(ids)])
    found = read(str(path), customer="customer", date="day", amount="amount")
    assert found.purchases["customer_id"].to_list() == ["007", "17850", "7", "9007199254740993"]
    assert found.quality.excluded == {"no_customer_id": 1}


def test_sqlite_is_not_written(folder: Path) -> None:
    for statement in WRITES:
        refused(folder, 2, "--query", "shop.db", "--query", statement)
    refused(folder, 3, "no such table: nope", "shop.db", "--query", "select * from nope")
    refused(folder, 3, "no table nope", "shop.db", "--table", "nope")
    refused(folder, 3, "no such file", "sqlite:///nowhere.db")
    refused(folder, 2, "syntax error", "shop.db", "--query", "select from where")
    refused(folder, 2, "appears twice", "shop.db", "--query", "select customer_id, customer_id from orders")
    refused(folder, 3, "the query gives no rows", "shop.db", "--query", "select * from orders where false")
    refused(folder, 2, "DATA is no database", "log.csv", "--table", "orders")


def test_damaged_sqlite(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "shop.db").write_bytes((folder / "shop.db").read_bytes()[:9000])
    refused(tmp_path, 3, "shop.db: cannot be read", "shop.db")


def test_a_query_in_a_file(folder: Path) -> None:
    (folder / "q.sql").write_text("-- orders\nselect * from orders\nwhere quantity >= 0;\n")
    assert read(str(folder / "shop.db"), query=f"@{folder / 'q.sql'}").quality.read == log().height
    with pytest.raises(UsageError, match="cannot be read"):
        read(str(folder / "shop.db"), query="@nowhere.sql")


def test_which_table(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as made, made:
        made.execute("create table a (x)")
        made.execute('create view "b c" as select 1')
    with pytest.raises(UsageError, match="which table") as caught:
        read(str(tmp_path / "x.db"))
    assert "a, b c" in str(caught.value.message)


def test_duckdb(folder: Path, duck: Path) -> None:
    same_table(folder, duck.name)
    same_table(folder, f"duckdb:///{duck.name}", "--query", "from orders")


def test_duckdb_is_not_written(folder: Path, duck: Path) -> None:
    for statement in (*WRITES, "copy orders to 'x.csv'", "select * from read_csv('log.csv')"):
        refused(folder, 2, "--query", duck.name, "--query", statement)
    refused(folder, 3, "nope", duck.name, "--query", "select * from nope")
    refused(folder, 3, "no table nope", duck.name, "--table", "nope")


def test_damaged_duckdb(tmp_path: Path, duck: Path) -> None:
    (tmp_path / "x.duckdb").write_bytes(duck.read_bytes()[:5000])
    refused(tmp_path, 3, "x.duckdb: cannot be read", "x.duckdb")


def test_postgresql(folder: Path, postgres: Server) -> None:
    same_table(folder, postgres.address, "--table", "orders")
    password = postgres.password.replace("%2F", "/").replace("%40", "@")
    query = ("--query", "select * from orders")
    same_table(folder, postgres.without_password, *query, PGPASSWORD=password)


def test_postgresql_types(postgres: Server) -> None:
    """Money, ids of any type and moments arrive as what they are."""
    execute(
        postgres,
        "create table typed as select gen_random_uuid() as customer, timestamptz '2024-01-31 23:30:00-05' as day, "
        "i * 1234.50::money as paid, (i * 1.005)::numeric as fine, '{1,2}'::int[] as many, interval '1 day' as wait "
        "from generate_series(1, 3) i",
    )
    found = read(postgres.address, query="select * from typed", amount="paid", customer="customer", date="day")
    execute(postgres, "drop table typed")
    assert found.purchases["amount"].sum() == 740700
    assert found.purchases["customer_id"].str.len_chars().to_list() == [36] * 3
    assert found.as_of == date(2024, 2, 1)


def test_postgresql_is_not_written(folder: Path, postgres: Server) -> None:
    for statement in (*WRITES, "select * into more from orders", "select nextval('s') from orders"):
        status = 3 if "nextval" in statement else 2
        refused(folder, status, "", postgres.address, "--query", statement)
    assert count(postgres) == log().height
    refused(folder, 3, "nope", postgres.address, "--query", "select * from nope")
    refused(folder, 3, "no table nope", postgres.address, "--table", "nope")


def test_no_password_is_shown(folder: Path, postgres: Server) -> None:
    plain = postgres.password.replace("%2F", "/").replace("%40", "@")
    wrong = postgres.address.replace(postgres.password, "wr0ng-pass")
    for address in (wrong, postgres.address.replace("/postgres", "/nowhere"), postgres.address.replace("127.", "x.")):
        done = clv("score", address, "--table", "orders", "-o", "x.csv", "--log-file", "log.jsonl", cwd=folder)
        assert done.returncode == 3, done.stderr
        assert len(done.stderr.splitlines()) == 1
        for secret in (plain, postgres.password, "wr0ng-pass"):
            assert secret not in done.stderr + done.stdout + (folder / "log.jsonl").read_text()
    done = clv("score", postgres.address, "--table", "orders", "-o", "told.csv", "--report", "told.html", "-vv",
               "--log-file", "log.jsonl", "--no-model", cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = done.stderr + done.stdout + (folder / "log.jsonl").read_text()
    for path in folder.glob("told*"):
        written += path.read_text()
    assert "***@127.0.0.1" in written
    for secret in (plain, postgres.password):
        assert secret not in written
    for path in [*folder.glob("told*"), folder / "log.jsonl"]:
        path.unlink()


def test_a_password_in_the_configuration_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "clv.yaml").write_text("data: postgresql://me:hush@127.0.0.1:9/shop\ntable: orders\n")
    done = clv("score", "-o", "x.csv", cwd=tmp_path)
    assert done.returncode == 3
    assert "hush" not in done.stderr
    shown = clv("config", "score", cwd=tmp_path)
    assert "hush" not in shown.stdout + shown.stderr


def test_a_database_that_goes_away_midway(folder: Path, postgres: Server) -> None:
    query = (
        "select 'c' || i as customer_id, date '2024-01-01' as date, 1 as amount from generate_series(1, 2000000000) i"
    )
    command = [sys.executable, "-m", "clvcli", "score", postgres.address, "--query", query, "-o", "gone.csv"]
    running = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 60
        while not _terminated(postgres) and time.monotonic() < end:
            time.sleep(0.2)
        _, told = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 3
    assert len(told.splitlines()) == 1
    assert "cannot be read" in told
    assert not list(folder.glob("gone*"))


def _terminated(postgres: Server) -> bool:
    import adbc_driver_postgresql.dbapi as driver

    with contextlib.closing(driver.connect(postgres.address)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid)::int from pg_stat_activity where query like '%generate_series(1, 2000%' "
            "and pid <> pg_backend_pid() and state = 'active' and query_start < now() - interval '1 second' "
            "and query ilike 'copy%'"
        )
        return bool(cursor.fetchall())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:s3cret@h:5/db", "postgresql://me:***@h:5/db"),
        ("postgresql://me:a%40b@h/db?sslpassword=x&a=1#t", "postgresql://me:***@h/db?sslpassword=***&a=1#t"),
        ("mysql://h/db?user=u&password=p%20q", "mysql://h/db?user=u&password=***"),
        ("postgresql://me:p/s#s@h/db", "postgresql://me:***@h/db"),
        ("mysql://me:se cr@t@h:5/db", "mysql://me:***@h:5/db"),
        ("POSTGRESQL://me:pw@h/db", "POSTGRESQL://me:***@h/db"),
        (
            "no route to mysql://me:p/s@h/db, nor mysql://me:x@h",
            "no route to mysql://me:***@h/db, nor mysql://me:***@h",
        ),
        (
            "https://h/x.csv?X-Amz-Credential=A&X-Amz-Signature=B",
            "https://h/x.csv?X-Amz-Credential=***&X-Amz-Signature=***",
        ),
        ("az://c/x.csv?sv=1&sig=AbC%3D", "az://c/x.csv?sv=1&sig=***"),
        ("https://h:80/a@b.csv?design=x", "https://h:80/a@b.csv?design=x"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("s3://bucket/key.csv", "s3://bucket/key.csv"),
        ("orders.csv", "orders.csv"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_what_a_driver_says_is_masked() -> None:
    address = "postgresql://me:a%40b@h/db"
    assert (
        without_secrets("no: a@b\n\tor a%40b at postgresql://me:a%40b@h", address)
        == "no: *** or *** at postgresql://me:***@h"
    )


def test_a_driver_that_names_a_password_as_it_was_meant() -> None:
    assert without_secrets("no host s#s@h, user p/s#s", "postgresql://me:p/s#s@h/db") == "no host s#s@h, user ***"


@pytest.mark.parametrize("words", [("check", "{}"), ("score", "log.csv", "-o", "{}#t"), ("top", "{}#t"),
                                   ("score", "log.csv", "--customers", "{}", "-o", "x.csv")])  # fmt: skip
@pytest.mark.parametrize("start", ["postgresql", "POSTGRESQL", "mysql"])
def test_a_password_that_breaks_its_address(folder: Path, clv: Clv, words: tuple[str, ...], start: str) -> None:
    """The driver would tell of its half as if that were a port."""
    address = f"{start}://me:hush#ed/x@127.0.0.1:9/db"
    before = sorted(folder.iterdir())
    done = clv(*(word.format(address) for word in words), cwd=folder)
    assert done.code == 2, done.err
    assert "write # as %23, / as %2F" in done.err
    assert done.err.count("\n") == 1
    assert not any(part in done.err for part in ("hush", "ed/x"))
    assert sorted(folder.iterdir()) == before


def test_paths_of_addresses() -> None:
    assert path_of("sqlite:///shop.db") == "shop.db"
    assert path_of("sqlite:////data/my%20shop.db#t") == "/data/my shop.db"


def test_statements_for_databases_without_a_read_only_session() -> None:
    for statement in (
        "select a from t where b > 1",
        "with x as (select 1) select * from x",
        "(select 1) union (select 2)",
    ):
        check_reads(statement, "mysql")
    for statement in (*WRITES[:3], "select * from t for update", "select * into outfile 'x' from t", "sel", "call f()"):
        with pytest.raises(UsageError):
            check_reads(statement, "mysql")


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "connectorx", None)
    with pytest.raises(InputError, match="needs connectorx") as caught:
        read("mysql://h/db", table="t")
    assert caught.value.hint == "pip install 'clvcli[databases]'"


def test_manifest_names_the_database_without_its_password(folder: Path, postgres: Server) -> None:
    done = clv("check", postgres.address, "--table", "orders", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["inputs"][0]["path"].startswith("postgresql://clv:***@")
