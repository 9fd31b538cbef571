"""The slow twin: ingest and histories again, from the contract, in plain Python (csv, Decimal, dicts). An oracle.

It shares no code with clvcli and reads the plain case only: comma-separated UTF-8 with a header and no line ends within
fields, ISO dates without offset, amounts with a dot. What it says about the fate of a record is the contract of DESIGN
part 3; where that leaves a tie open (which of two equal records is paired) every choice gives the same purchases.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

Row = dict[str, str]
NULL_LIKE = {"", "null", "none", "nan", "na", "n/a"}
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """Names of the columns; `amount` computes it from the Decimal values of the columns that it names."""

    customer: str = "customer_id"
    date: str = "date"
    amount: tuple[str, ...] = ("amount",)
    order: str | None = None
    line: str | None = None
    compute: Callable[..., Decimal] = lambda value: value


@dataclass(frozen=True)
class Rules:
    """What counts."""

    run_day: date
    where: Callable[[Row], bool | None] | None = None
    as_of: date | None = None
    returns: str = "net"
    duplicates: str = "keep"
    decimals: int = 2


class RefusedError(Exception):
    """The log as a whole is refused."""


@dataclass
class Record:
    """One line of the log on its way."""

    line: int
    row: Row
    customer: str | None
    moment: datetime
    amount: int
    order: str | None
    key: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        return self.moment.date()


@dataclass
class Outcome:
    """What is compared."""

    read: int = 0
    used: int = 0
    duplicates: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    identical: int = 0
    unmatched: int = 0
    too_small: int = 0
    """Amounts that are 0 for want of decimals, of all that are read."""
    as_of: date | None = None
    purchases: dict[tuple[str, date], int] = field(default_factory=dict)


def ingest(text: str, columns: Columns, rules: Rules) -> Outcome:
    """The fate of every record of a log."""
    out = Outcome()
    records = _accepted(text, columns, rules, out)
    if not records:
        return out
    out.as_of = rules.as_of or max(r.day for r in records)
    if sum(r.amount < 0 for r in records) > max(1, sum(r.amount > 0 for r in records)):
        raise RefusedError("most amounts are negative")
    records = _without_duplicates(records, columns, rules, out)
    for name, bad in (
        ("after_as_of", lambda r: r.day > out.as_of),
        ("no_customer_id", lambda r: r.customer is None),
    ):
        out.excluded[name] = sum(bad(r) for r in records)
        records = [r for r in records if not bad(r)]
    if rules.returns == "keep":
        _keep(records, out)
    else:
        _take_back(records, out, net=rules.returns == "net")
    out.excluded += Counter()  # Drops the zeros.
    return out


def histories(purchases: dict[tuple[str, date], int], as_of: date) -> dict[str, tuple[int, int, int, tuple[int, ...]]]:
    """customer -> (x, t_x in days, T in days, amounts by day)."""
    days: dict[str, list[date]] = defaultdict(list)
    for customer, day in sorted(purchases):
        days[customer].append(day)
    return {
        c: (len(d) - 1, (d[-1] - d[0]).days, (as_of - d[0]).days, tuple(purchases[c, day] for day in d))
        for c, d in days.items()
    }


def _accepted(text: str, columns: Columns, rules: Rules, out: Outcome) -> list[Record]:
    lines = text.split("\n")
    header = [name.strip() for name in next(csv.reader([lines[0]]))]
    records = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        out.read += 1
        fields = next(csv.reader([line]))
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if len(fields) != len(header):
            _reject(out, number, "too_few_fields" if len(fields) < len(header) else "too_many_fields")
            continue
        row = dict(zip(header, fields, strict=True))
        if rules.where is not None and rules.where(row) is not True:
            out.excluded["where"] += 1
            continue
        moment = read_date(row[columns.date])
        amount = read_amount([row[name] for name in columns.amount], columns.compute, rules.decimals)
        if isinstance(moment, str):
            _reject(out, number, moment)
        elif rules.as_of is None and moment.date() > rules.run_day + timedelta(days=1):
            _reject(out, number, "future_date")
        elif isinstance(amount, str):
            _reject(out, number, amount)
        else:
            customer = row[columns.customer].strip(" \t\r\n\v\f")
            order = row[columns.order].strip() or None if columns.order else None
            known = None if customer.lower() in NULL_LIKE else customer
            exact = columns.compute(*(Decimal(row[name].strip()) for name in columns.amount))
            out.too_small += amount == 0 != exact
            records.append(Record(number, row, known, moment, amount, order, tuple(fields)))
    return records


def _reject(out: Outcome, number: int, reason: str) -> None:
    out.rejected[reason] += 1
    out.rejects.append((number, reason))


def read_date(text: str) -> datetime | str:
    """A naive time, or the reason why it is none."""
    clean = text.strip()
    if clean.lower() in NULL_LIKE:
        return "missing_date"
    match = ISO.fullmatch(clean)
    if match is None:
        return "bad_date"
    parts = [int(p or 0) for p in match.groups()[:6]]
    try:
        year, month, day, hour, minute, second = parts
        moment = datetime(year, month, day, hour, minute, second, int((match[7] or "").ljust(6, "0")))
    except ValueError:
        return "impossible_date"
    return moment if moment.date() > date(1970, 1, 1) else "impossible_date"


def read_amount(texts: list[str], compute: Callable[..., Decimal], decimals: int) -> int | str:
    """Minor units, or the reason why there is no amount."""
    values = []
    for text in texts:
        clean = text.strip()
        if clean.lower() in NULL_LIKE:
            return "missing_amount"
        if NUMBER.fullmatch(clean) is None:
            return "bad_amount"
        values.append(Decimal(clean))
    units = int((compute(*values) * 10**decimals).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return units if abs(units) <= 2**53 else "amount_too_large"


def _without_duplicates(records: list[Record], columns: Columns, rules: Rules, out: Outcome) -> list[Record]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    for r in records:
        if r.key in seen:
            out.identical += 1
            if rules.duplicates == "drop":
                continue
        seen.add(r.key)
        kept.append(r)
    if columns.line is not None:
        pairs: set[tuple[str, str, bool]] = set()  # a refund under the ids of its purchase repeats nothing
        ranked = sorted(kept, key=lambda r: (r.moment, r.customer is None, r.customer or "", r.amount))
        gone = set()
        for r in ranked:
            line = r.row[columns.line].strip()
            if r.order is None or not line:
                continue
            pair = (r.order, line, r.amount < 0)
            if pair in pairs:
                gone.add(id(r))
            pairs.add(pair)
        kept = [r for r in kept if id(r) not in gone]
    out.duplicates = len(records) - len(kept)
    if rules.duplicates == "drop":
        out.identical = 0
    return kept


def _sum_up(records: Iterable[Record]) -> dict[tuple[str, date], int]:
    days: dict[tuple[str, date], int] = defaultdict(int)
    for r in records:
        days[r.customer or "", r.day] += r.amount
    return dict(days)


def _keep(records: list[Record], out: Outcome) -> None:
    out.used = len(records)
    out.purchases = {k: v for k, v in _sum_up(records).items() if v >= 0}


def _take_back(records: list[Record], out: Outcome, *, net: bool) -> None:
    """Orders are added up; what cancels is reversed; the rest is taken off earlier purchases, or returned."""
    orders: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for i, r in enumerate(records):
        orders[r.customer or "", f"order {r.order}" if r.order is not None else f"record {i}"].append(r)
    of = {id(r): rows for rows in orders.values() for r in rows}

    def mixed(rows: list[Record]) -> bool:
        return any(r.amount < 0 for r in rows) and any(r.amount > 0 for r in rows)

    def whole(rows: list[Record]) -> int:
        return sum(r.amount for r in rows)

    gone = {id(r) for rows in orders.values() if mixed(rows) and whole(rows) == 0 for r in rows}
    items = [
        (customer, whole(rows), min(r.moment for r in rows), name, rows)
        for (customer, name), rows in orders.items()
        if id(rows[0]) not in gone
    ]
    gone |= {id(r) for rows in _paired(items) for r in rows}
    single = [
        (r.customer or "", r.amount, r.moment, "\x1f".join(r.key), [r])
        for r in records
        if id(r) not in gone and not mixed(of[id(r)])
    ]
    gone |= {id(r) for rows in _paired(single) for r in rows}
    days: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    owed: list[tuple[datetime, int, str, str, date, list[Record]]] = []
    for (customer, _), rows in orders.items():
        left = [r for r in rows if id(r) not in gone]
        if mixed(rows) and left:
            if whole(rows) > 0:
                days[customer][min(r.day for r in rows if r.amount > 0)] += whole(rows)
            else:
                tie = min("\x1f".join(r.key) for r in rows)
                owed.append((min(r.moment for r in rows), whole(rows), tie, customer, min(r.day for r in rows), rows))
            continue
        for r in left:
            if r.amount < 0:
                owed.append((r.moment, r.amount, "\x1f".join(r.key), customer, r.day, [r]))
            else:
                days[customer][r.day] += r.amount
    spent = {(customer, day) for customer, found in days.items() for day, amount in found.items() if amount > 0}
    nowhere: set[int] = set()
    for _, amount, _, customer, day, rows in sorted(owed, key=lambda o: o[:3]):
        left_over = -amount
        for before in sorted((d for d in days[customer] if net and d <= day), reverse=True):
            taken = min(left_over, days[customer][before])
            days[customer][before] -= taken
            left_over -= taken
        out.unmatched += left_over
        if left_over == -amount:
            nowhere |= {id(r) for r in rows}
    out.excluded["reversed"] = len(gone)
    out.excluded["return"] = len(nowhere)
    out.used = len(records) - len(gone) - len(nowhere)
    out.purchases = {
        (customer, day): amount
        for customer, found in days.items()
        for day, amount in found.items()
        if amount or (customer, day) not in spent
    }


Item = tuple[str, int, datetime, str, list[Record]]


def _paired(items: list[Item]) -> list[list[Record]]:
    """Each negative item, oldest first, takes the newest free positive one of its size at or before it."""
    groups: dict[tuple[str, int], list[Item]] = defaultdict(list)
    for item in items:
        if item[1]:
            groups[item[0], abs(item[1])].append(item)
    found = []
    for group in groups.values():
        free: list[Item] = []
        for item in sorted(group, key=lambda i: (i[2], i[1] < 0, i[3])):
            if item[1] > 0:
                free.append(item)
            elif free:
                found += [free.pop()[4], item[4]]
    return found
