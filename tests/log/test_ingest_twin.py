"""read_log equals the slow twin on random small dirty logs."""

import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twin import Columns, Outcome, RefusedError, Rules, histories, ingest

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.read import Log, read_log
from clvcli.log.text import TextTable

RUN_DAY = date(2026, 11, 22)
IDS = st.sampled_from(["A", "B", "001", "1", " A", "B ", "a", "", "NULL", "nan", "Zoë", "x,y"])
DATES = st.one_of(
    st.dates(date(2024, 1, 1), date(2024, 1, 20)).map(date.isoformat),
    st.sampled_from(
        ["2024-01-05 10:00:00", "2024-01-05 09:30", "2024-02-30", "2099-01-01", "1900-01-01", "soon", "", "2024-1-5"]
    ),
)
AMOUNTS = st.one_of(
    st.sampled_from(
        ["10", "10.00", "-10", "20", "-20", "5.005", "-5.005", "0", "0.004", "x", "", "nan", "99999999999999999"]
    ),
    st.decimals(-99, 99, places=2).map(str),
)
ORDERS = st.sampled_from(["o1", "o2", "o3", " o1", ""])
LINES = st.sampled_from(["1", "2", ""])
RECORDS = st.lists(st.tuples(IDS, DATES, AMOUNTS, ORDERS, LINES), min_size=1, max_size=25)
TAILS = st.sampled_from([""] * 12 + [",", ",x", "short", "blank"])
HEADER = "customer_id,date,amount,order,line"


def csv_text(records: Sequence[tuple[str, ...]], tails: Sequence[str]) -> str:
    lines = [HEADER, "A,2024-01-01,1.25,o9,9", "A,2024-01-02,1.50,o8,9"]
    for i, record in enumerate(records):
        tail = tails[i % len(tails)]
        line = ",".join(f'"{field}"' if "," in field else field for field in record)
        lines += {"short": [line.rsplit(",", 1)[0]], "blank": [line, "", "  "]}.get(tail, [line + tail])
    return "\n".join(lines) + "\n"


def run(text: str, **options: object) -> Log:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_bytes(text.encode())
        return read_log(LogOptions(data=(str(path),), max_rejects="100%", **options), RUN_DAY)  # type: ignore[arg-type]


def assert_like_twin(text: str, columns: Columns, rules: Rules, **options: object) -> None:
    """Both refuse the log for the same reason, or both give every record the same fate."""
    try:
        twin = ingest(text, columns, rules)
    except RefusedError as refusal:
        with pytest.raises(InputError, match=str(refusal)):
            run(text, **options)
        return
    try:
        log = run(text, **options)
    except InputError as problem:
        refused = problem.message
    else:
        assert_same(log, twin, rules.decimals)
        return
    assert "are too small for" in refused  # most amounts would be 0
    assert 2 * twin.too_small > twin.used


def assert_same(log: Log, twin: Outcome, decimals: int) -> None:
    q = log.quality
    assert q.is_complete()
    assert (q.read, q.used, q.duplicates) == (twin.read, twin.used, twin.duplicates)
    assert dict(q.excluded) == dict(twin.excluded)
    assert dict(q.rejected) == dict(twin.rejected)
    assert list(log.rejects.select("line", "reason").iter_rows()) == twin.rejects
    assert log.as_of == twin.as_of
    assert {(c, d): a for c, d, a in log.purchases.iter_rows()} == twin.purchases
    assert log.purchases.equals(log.purchases.sort("customer_id", "day"))
    assert any(n.code == "identical_lines" for n in q.notices) == (twin.identical > 0)
    assert q.facts["returns"]["unmatched"] == twin.unmatched / 10**decimals


@given(
    RECORDS,
    st.lists(TAILS, min_size=1, max_size=12),
    st.sampled_from(["reverse", "net", "keep"]),
    st.sampled_from(["keep", "drop"]),
    st.sampled_from(["none", "order", "order and line"]),
    st.sampled_from([None, date(2024, 1, 10), date(2024, 1, 1)]),
    st.sampled_from([0, 2, 3]),
    st.booleans(),
)
def test_every_record_has_the_fate_that_the_twin_gives_it(
    records: list[tuple[str, ...]],
    tails: list[str],
    returns: str,
    duplicates: str,
    ids: str,
    as_of: date | None,
    decimals: int,
    where: bool,
) -> None:
    longer = [tails[i % len(tails)] in (",", ",x") for i in range(len(records))]
    assume(3 * sum(longer) < len(records))  # where most records have more fields than the header, the log is refused
    text = csv_text(records, tails)
    columns = Columns(order=None if ids == "none" else "order", line="line" if ids == "order and line" else None)
    condition = (lambda row: row["order"] != "o2" if row["order"] else None) if where else None
    rules = Rules(RUN_DAY, condition, as_of, returns, duplicates, decimals)
    options = {
        "order_id": columns.order,
        "line_id": columns.line,
        "returns": returns,
        "duplicates": duplicates,
        "as_of": as_of.isoformat() if as_of else None,
        "decimals": decimals,
        "where": "\"order\" <> 'o2'" if where else None,
    }
    assert_like_twin(text, columns, rules, **options)


@given(RECORDS, st.permutations(range(25)))
def test_the_order_of_rows_changes_nothing(records: list[tuple[str, ...]], order: list[int]) -> None:
    def read(rows: list[tuple[str, ...]]) -> object:
        try:
            log = run(csv_text(rows, [""]), order_id="order", line_id="line")
        except InputError as problem:
            return problem.message.split(": ", 1)[1]
        q = log.quality
        return log.purchases.rows(), q.excluded, q.rejected, q.notices, q.duplicates

    assert read(records) == read([records[i] for i in order if i < len(records)])


CLEAN = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "001", "Zoë", "", "x,y", "guest", "a"]),
        st.dates(date(2024, 1, 1), date(2024, 1, 20)).map(date.isoformat),
        st.decimals(0, 99, places=2).map(str),
        ORDERS,
        LINES,
    ),
    min_size=1,
    max_size=25,
)


@given(
    st.one_of(CLEAN, RECORDS),
    st.lists(TAILS, min_size=1, max_size=5),
    st.sampled_from([None, "2024-01-10"]),
    st.sampled_from([8, 40, 100, 300, 1000]),
    st.sampled_from(["reverse", "net", "keep"]),
    st.sampled_from(["keep", "drop"]),
)
def test_the_size_of_blocks_changes_nothing(
    records: list[tuple[str, ...]], tails: list[str], as_of: str | None, size: int, returns: str, duplicates: str
) -> None:
    """However many bytes are read at a time, whatever the head of the log proves, and though nothing is held."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.csv")
        path.write_bytes(csv_text(records, tails).encode())
        options = LogOptions(
            data=(str(path),), max_rejects="100%", as_of=as_of, returns=returns, duplicates=duplicates,
            order_id="order",
        )  # fmt: skip
        found = [told(options)]
        with (
            mock.patch("clvcli.log.text.BLOCK", size),
            mock.patch.object(TextTable, "is_small", False),
            mock.patch("clvcli.log.proofs.HEAD", 2),
            mock.patch("clvcli.log.collect.SMALL", 0),
        ):
            found.append(told(options))
    assert found[0] == found[1]


def told(options: LogOptions) -> object:
    """Everything that reading says of a log."""
    try:
        log = read_log(options, RUN_DAY, keep=("line",), lines={"item": "line"}, examples=True)
    except InputError as problem:
        return problem.message, problem.hint
    q = log.quality
    assert log.attributes is not None
    assert log.lines is not None
    account = (q.read, q.used, dict(q.excluded), dict(q.rejected), q.notices, q.columns, q.inputs, dict(q.facts))
    return log.purchases.rows(), log.attributes.rows(), log.lines.rows(), log.as_of, account, log.rejects.rows()


@given(
    st.lists(
        st.tuples(
            IDS, st.integers(-50, 50), st.decimals(0, 30, places=3), st.dates(date(2024, 1, 1), date(2024, 2, 1))
        ),
        min_size=1,
        max_size=20,
    )
)
def test_an_amount_expression_is_exact_in_decimal(records: list[tuple[str, int, Decimal, date]]) -> None:
    lines = ["customer_id,date,qty,price", "A,2024-01-01,2,0.125"]
    lines += [f'"{i}",{d},{q},{p}' for i, q, p, d in records]
    text = "\n".join(lines) + "\n"
    columns = Columns(amount=("qty", "price"), compute=lambda q, p: q * p)
    assert_like_twin(text, columns, Rules(RUN_DAY), amount="qty * price")


def test_histories_of_the_twin_by_hand() -> None:
    purchases = {("A", date(2024, 1, 1)): 100, ("A", date(2024, 1, 11)): 250, ("B", date(2024, 1, 5)): 0}
    assert histories(purchases, date(2024, 1, 31)) == {"A": (1, 10, 30, (100, 250)), "B": (0, 0, 26, (0,))}


def test_a_log_without_any_date_that_counts_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        run(HEADER + "\nA,soon,1,o,1\n")
