"""What marketing cost, from `--spend`: a small table with a day or a month and an amount a row."""

import calendar
import math
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.read import read_table

DAYS = ("date", "day", "month", "period")
AMOUNTS = ("spend", "cost", "amount", "costs")


@dataclass(frozen=True)
class Costs:
    """`rows`: first day, last day and amount of every row of the file. A month's cost is spread over its days."""

    rows: tuple[tuple[date, date, float], ...]

    def between(self, after: date, until: date) -> float:
        """What was spent on the days after `after`, up to and with `until`."""
        total = 0.0
        for first, last, amount in self.rows:
            shared = (min(last, until) - max(first, after + timedelta(days=1))).days + 1
            total += amount * max(0, shared) / ((last - first).days + 1)
        return round(total, 6)


def read_costs(path: str) -> Costs:
    """Reads the file. Raises InputError that names the column or the row that cannot be understood."""
    table = read_table(path, "--spend")
    day = _column(table, DAYS, path)
    amount = _column(table, AMOUNTS, path)
    rows = []
    for number, (when, cost) in enumerate(table.select(day, amount).iter_rows(), start=2):
        try:
            rows.append((*_days(str(when)), _money(str(cost))))
        except ValueError:
            raise InputError(
                marked(
                    "{place}: row {number}: {when}, {cost} is no day or month with an amount",
                    place=path,
                    number=number,
                    when=repr(when),
                    cost=repr(cost),
                ),
                hint="2024-05, 120.50",
            ) from None
    return Costs(tuple(rows))


def _column(table: pl.DataFrame, known: tuple[str, ...], path: str) -> str:
    for name in table.columns:
        if name.strip().lower() in known:
            return name
    raise InputError(
        marked(
            "{place}: no column {known} among {columns}",
            place=path,
            known=" or ".join(known),
            columns=", ".join(table.columns),
        ),
        hint="rename one",
    )


def _money(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("no amount")
    return value


def _days(text: str) -> tuple[date, date]:
    if len(text) == len("2024-05"):
        first = date.fromisoformat(text + "-01")
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    day = date.fromisoformat(text)
    return day, day
