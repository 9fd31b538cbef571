"""Columns whose values say that no money came, or that it went back: told with records and money of each value, and
what to copy to have it counted so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.marked import enumerated, several
from clvcli.log.amounts import minor_units, normalise
from clvcli.log.anomalies import records
from clvcli.log.column_values import quoted
from clvcli.log.columns import Role, shell_quoted
from clvcli.log.names import is_order
from clvcli.log.status_words import is_back, is_flag, is_paid, is_refund_column, is_status_column, is_unpaid

Tally = Mapping[tuple[str, str], tuple[int, int]]
"""(column, value) -> records, minor units. REFUNDS: of records with an amount in a column of refunds; MIXED: of
negative lines in orders that have others; MANY: the column has too many values."""
LOOK, FEW, MOST_SHOWN = 500, 25, 4
REFUNDS, MIXED, MANY = "\0refunds", "\0mixed", "\0many"
SAYS = {"unpaid": marked("no money came"), "back": marked("it went back"), "other": ""}
TEXTS = (pl.String, pl.Boolean, pl.Int64, pl.Int32, pl.Int16, pl.Int8, pl.UInt8)


@dataclass(frozen=True)
class Status:
    """What a value of a column stands for. `kind`: `unpaid`, `back` (a return), or `other`; `money`: minor units."""

    column: str
    value: str
    records: int
    money: int
    kind: str


def said_by(column: str, value: str) -> bool:
    """Whether the value says in this column that no money came, or that it went back."""
    return kind_of(column, value) != "other"


def kind_of(column: str, value: str) -> str:
    """The kind of a status: back, unpaid or other; see Status."""
    if is_back(value):
        return "back"
    return "unpaid" if is_unpaid(value) or is_flag(column, value) else "other"


def tally(
    frame: pl.DataFrame, amount: pl.Series, alive: npt.NDArray[np.bool_], skip: frozenset[str], decimals: int,
    mark: str | None, *, has_order: bool,
) -> Tally:  # fmt: skip
    """Records and money of each value of the columns that have few of them, and of the columns of refunds. `skip`:
    columns with a role; `mark`: of decimals, as in the amounts; `has_order`: whether one is the order."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    has_negative = not has_order and bool((amount < 0).any())
    for name in frame.columns:
        if name in skip:
            continue
        if has_negative and is_order(name) and (lines := _negative_lines(frame[name], amount, alive)):
            found[name, MIXED] = lines
        if is_refund_column(name) and (told := _refunds(frame[name], alive, decimals, mark)):
            found[name, REFUNDS] = told
    units = amount.filter(pl.Series(alive))
    for name in _of_few_words(frame):
        if name in skip:
            continue
        column = frame.get_column(name).cast(pl.String).filter(pl.Series(alive))
        counted = pl.DataFrame({"value": column, "units": units}).group_by("value").agg(pl.len(), pl.col("units").sum())
        values = {(name, value): (n, money) for value, n, money in counted.iter_rows() if value is not None}
        found |= values if len(values) <= FEW else {(name, MANY): (len(values), 0)}
    return found


def together(parts: Iterable[Tally]) -> dict[tuple[str, str], tuple[int, int]]:
    """The sums of several parts of a log."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        for key, (n, units) in part.items():
            before = found.get(key, (0, 0))
            found[key] = (before[0] + n, before[1] + units)
    return found


def _of_few_words(frame: pl.DataFrame) -> list[str]:
    """The columns of states: few values, all of them short."""
    head = frame.head(LOOK).select(pl.col(TEXTS))
    if not head.width:
        return []
    values = head.select(pl.all().n_unique()).row(0)
    longest = head.select(pl.all().cast(pl.String).str.len_chars().max()).row(0)
    return [name for name, n, most in zip(head.columns, values, longest, strict=True) if n <= FEW and (most or 0) <= 40]


def _refunds(
    column: pl.Series, alive: npt.NDArray[np.bool_], decimals: int, mark: str | None
) -> tuple[int, int] | None:
    texts = column.cast(pl.String).filter(pl.Series(alive)).drop_nulls()
    try:
        read = normalise(texts, column.name, decimals, mark, column.dtype.is_numeric())
    except InputError:  # of two marks: whatever they say, it is no warning
        return None
    units = minor_units(read.plain, decimals)
    given = units["amount"].drop_nulls()
    if given.len() < 0.9 * texts.len():
        return None
    given = given.filter(given != 0)
    return (given.len(), int(given.sum())) if given.len() else None


def _negative_lines(order: pl.Series, amount: pl.Series, alive: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    table = pl.DataFrame({"o": order, "a": amount}).filter(pl.Series(alive)).drop_nulls()
    back = pl.col("a") < 0
    each = table.group_by("o").agg(n=back.sum(), more=(pl.col("a") > 0).any(), a=pl.col("a").filter(back).sum())
    mixed = each.filter((pl.col("n") > 0) & pl.col("more"))
    return (int(mixed["n"].sum()), int(mixed["a"].sum())) if mixed.height else None


def statuses(found: Tally) -> list[Status]:
    """The values of the columns in which one says that no money came, or that it went back though its amounts are above
    zero, and another one says nothing of the kind."""
    told: list[Status] = []
    for every in _of_few(found):
        wrong = [s for s in every if s.kind == "unpaid" or (s.kind == "back" and s.money > 0)]
        if wrong and len(wrong) < len(every) and len(every) <= FEW:
            told += every
    return told


def _of_few(found: Tally) -> list[list[Status]]:
    """The values of each column that has few of them."""
    columns: dict[str, list[Status]] = {name: [] for name, _ in found}
    for (column, value), (n, money) in sorted(found.items()):
        if value not in (REFUNDS, MIXED):
            columns[column].append(Status(column, value, n, money, kind_of(column, value)))
    return [every for every in columns.values() if not any(s.value == MANY for s in every)]


def _unknown_notices(found: Tally, decimals: int) -> list[Notice]:
    """Columns called a status of which some values are not known, and no more than a few."""
    notices = []
    for every in _of_few(found):
        new = [s for s in every if s.kind == "other" and not is_paid(s.value)]
        against = [s for s in every if s.kind == "unpaid"]
        if len(every) > 1 and new and (against or is_status_column(every[0].column)):
            rarest = min(new, key=lambda s: (s.records, s.value))
            column = quoted(rarest.column)
            where = (
                f"{column} NOT IN ({_listed([*against, rarest])})" if against else f"{column} <> {_listed([rarest])}"
            )
            message = marked(
                "{column} has values that are not known here: {values}; all of it counts. Where one brought no money: "
                "{option}",
                column=rarest.column, values=_shown(new, decimals), option=f"--where {shell_quoted(where)}",
            )  # fmt: skip
            notices.append(Notice("unknown_status", message))
    return notices


def status_notices(found: Tally, amount: Role, decimals: int) -> list[Notice]:
    """One for each column, with the option to copy."""
    notices = []
    told = statuses(found)
    for column in dict.fromkeys(s.column for s in told):
        bad = [s for s in told if s.column == column and s.kind == "unpaid"]
        back = [s for s in told if s.column == column and s.kind == "back" and s.money > 0]
        if bad:
            where = f"{quoted(column)} NOT IN ({_listed(bad)})"
            message = marked(
                "{column} says that no money came, yet it counts: {values}; leave them out: {option}",
                column=column, values=_shown(bad, decimals), option=f"--where {shell_quoted(where)}",
            )  # fmt: skip
            notices.append(Notice("status_column", message))
        if back:
            message = marked(
                "{column} says that it went back, yet it counts as bought: {values}; take them off: {option}",
                column=column, values=_shown(back, decimals), option=f"--amount {_turned(column, back, amount)}",
            )  # fmt: skip
            notices.append(Notice("status_column", message))
    return notices + _unknown_notices(found, decimals) + _other_notices(found, amount, decimals)


def _other_notices(found: Tally, amount: Role, decimals: int) -> list[Notice]:
    notices = []
    for (column, value), (n, money) in sorted(found.items()):
        if value == MIXED:
            told = several(
                "{n:d} negative line worth {worth:,.2f} in orders with others; add the lines of an order up first: "
                "{option}",
                "{n:d} negative lines worth {worth:,.2f} in orders with others; add the lines of an order up first: "
                "{option}",
                n, worth=-money / 10**decimals, option=f"--order-id {shell_quoted(column)}",
            )  # fmt: skip
            notices.append(Notice("order_column", told))
        if value != REFUNDS or column in amount.reads:
            continue
        sql = f"{_of(amount)} {'-' if money > 0 else '+'} coalesce({quoted(column)}, 0)"
        message = marked(
            "{column} names {records} with refunds worth {worth:,.2f}, which are not taken off: {option}",
            column=column, records=records(n), worth=abs(money) / 10**decimals,
            option=f"--amount {shell_quoted(sql)}",
        )  # fmt: skip
        notices.append(Notice("refund_column", message))
    return notices


def _shown(found: list[Status], decimals: int) -> str:
    ranked = sorted(found, key=lambda s: (-s.records, s.value))
    return enumerated([
        marked("{value} ({records} worth {worth:,.2f})", value=s.value, records=records(s.records),
               worth=s.money / 10**decimals)
        for s in ranked[:MOST_SHOWN]
    ])  # fmt: skip


def _listed(found: list[Status]) -> str:
    ranked = sorted(found, key=lambda s: (-s.records, s.value))
    return ", ".join("'" + s.value.replace("'", "''") + "'" for s in ranked)


def _turned(column: str, back: list[Status], amount: Role) -> str:
    one = f"= {_listed(back)}" if len(back) == 1 else f"IN ({_listed(back)})"
    return shell_quoted(f"CASE WHEN {quoted(column)} {one} THEN -{_of(amount)} ELSE {_of(amount)} END")


def _of(amount: Role) -> str:
    return f"({amount.text})" if amount.is_sql else quoted(amount.text)
