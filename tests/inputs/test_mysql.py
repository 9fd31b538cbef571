"""A log in a real MySQL (MariaDB): the table of the CSV, byte for byte; nothing is written there, no password shown."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Clv
from inputs.doors import csv_of, log
from inputs.mysql import Server, server

from clvcli.log.inputs.connectorx import _ServerError, _unwrapped


def literal(value: object) -> str:
    """As SQL, in one line."""
    text = str(value).replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return "null" if value is None else f"'{text}'"


@pytest.fixture(scope="module")
def mysql() -> Iterator[Server]:
    pytest.importorskip("connectorx")
    rows = [f"({', '.join(map(literal, row))})" for row in log().iter_rows()]
    with server(
        "set names utf8mb4",
        "create table orders (customer_id varchar(9), date datetime, amount decimal(12, 2), note text, quantity int)",
        *(f"insert into orders values {', '.join(rows[i : i + 100])}" for i in range(0, len(rows), 100)),
        "create function wipe() returns int modifies sql data begin delete from orders; return 1; end",
    ) as running:
        yield running


def test_the_table_is_that_of_the_csv(mysql: Server, clv: Clv, tmp_path: Path) -> None:
    """By the only table, by a table's name with and without its database, by a query, by the other scheme."""
    (tmp_path / "log.csv").write_bytes(csv_of(log()))
    assert clv("score", "log.csv", "-o", "csv.csv", "--no-model", "-q").code == 0
    other = mysql.address.replace("mysql://", "mariadb://")
    for data in ((mysql.address,), (mysql.address, "--table", "orders"), (f"{mysql.address}#orders",),
                 (other, "--query", "select * from shop.orders")):  # fmt: skip
        done = clv("score", *data, "-o", "out.csv", "--no-model", "-q")
        assert (done.code, done.err) == (0, "")
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "csv.csv").read_bytes()


@pytest.mark.parametrize(
    ("code", "told", "more"),
    [
        (3, "no table nope (hint: it has orders)", ("--table", "nope")),
        (3, "Table 'shop.nope' doesn't exist", ("--query", "select * from nope")),
        (3, "the query gives no rows", ("--query", "select * from orders where 1 = 0")),
        (3, "SELECT command denied", ("--query", "select * from mysql.user")),
        (2, "does not run it: Unknown column 'nope'", ("--query", "select nope from orders")),
        (2, "begins with delete is not run", ("--query", "delete from orders")),
        (2, "a READ ONLY transaction", ("--query", "select wipe() as customer_id, date, amount from orders")),
    ],
)
def test_refused(mysql: Server, clv: Clv, tmp_path: Path, code: int, told: str, more: tuple[str, ...]) -> None:
    done = clv("score", mysql.address, *more, "-o", "out.csv")
    assert done.code == code, done.err
    line = done.err.strip().splitlines()[-1]  # above: what Rust says in this process alone
    assert told in line
    assert mysql.password not in done.err
    assert list(tmp_path.iterdir()) == []
    assert clv("check", mysql.address, "--json", "-q").out.count(b'"read": 1500') == 1


def test_a_database_that_goes_away_midway(tmp_path: Path) -> None:
    pytest.importorskip("connectorx")
    endless = "select seq as customer_id, date '2024-01-01' as date, 1 as amount from seq_1_to_2000000000"
    with server() as running:
        command = [sys.executable, "-m", "clvcli", "score", running.address, "--query", endless, "-o", "out.csv"]
        asking = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        time.sleep(5)
        running.kill()
        told = asking.communicate(timeout=60)[1]
    assert asking.returncode == 3, told
    assert re.fullmatch(r"clv: mysql://clv:\*\*\*@.*: cannot be read: .*\n", told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_wrong_password(mysql: Server, clv: Clv, tmp_path: Path) -> None:
    """The driver tries for half a minute, and complains on its own, which a process of clv does not show."""
    wrong = mysql.address.replace(mysql.password, "wr0ng")
    done = clv("score", wrong, "--table", "orders", "-o", "out.csv", PYTHONUNBUFFERED="1")
    assert done.code == 3
    assert "cannot be read: Access denied for user 'clv'" in done.err
    assert done.err.count("\n") == 1
    assert "wr0ng" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_what_connectorx_wraps_is_told_plainly() -> None:
    class PanicException(BaseException):  # as the driver has it
        pass

    for error in (RuntimeError, PanicException):
        with pytest.raises(_ServerError, match=r"^Unknown column$") as caught, _unwrapped():
            raise error("cx: Source(MySQLError(MySqlError { ERROR 1054 (42S22): Unknown column }))")
        assert (caught.value.number, caught.value.state) == ("1054", "42S22")
    with pytest.raises(_ServerError, match=r"^out of luck$"), _unwrapped():
        raise PanicException("out of luck\nat line 3")
    with pytest.raises(KeyboardInterrupt), _unwrapped():
        raise KeyboardInterrupt
