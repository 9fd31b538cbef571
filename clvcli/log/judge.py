"""The fate of records as far as they themselves tell it: a function of some records and of what their log proves.

Rejected and left out by --where are settled here; duplicates, late records, those of nobody and returns need others.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.options import LogOptions
from clvcli.log.beside import Beside
from clvcli.log.columns import Role, currency_columns
from clvcli.log.currency import by_content
from clvcli.log.footers import TAIL, may_be_totals
from clvcli.log.quality import REJECTS_SCHEMA
from clvcli.log.reading import Blame, Decided, Reading, Seen, order_of, read_roles, texts_of, where_holds
from clvcli.log.statuses import Tally, tally

SHOWN = 200
"""Characters of a bad value that the rejects keep."""
MOST_CURRENCIES = 20


@dataclass(frozen=True)
class Terms:
    """What it takes to judge records: options, roles, what the log proves, the day of the run. `by_file`: what some
    files prove that are written in another way than the others; `beside`: what --where reads of people; `kinds`: of
    files of several known exports, each its own, where `label` goes before the orders, whose numbers are of that export
    alone."""

    options: LogOptions
    roles: Mapping[str, Role]
    decided: Decided
    run_day: date
    by_file: Mapping[int, Decided] = field(default_factory=dict)
    beside: Beside | None = None
    kinds: Mapping[int, "Terms"] = field(default_factory=dict)
    label: str = ""

    def of(self, file: int) -> "Terms":
        """For the records of this file."""
        if file in self.kinds:
            return self.kinds[file].of(file)
        return replace(self, decided=self.by_file[file]) if file in self.by_file else self

    def order_of(self, frame: pl.DataFrame) -> pl.Series:
        """The order of each record, null without one."""
        return self.labelled(order_of(frame, self.roles, self.decided))

    def labelled(self, order: pl.Series) -> pl.Series:
        """Orders as those of this kind of files."""
        return pl.select(pl.lit(self.label) + order).to_series() if self.label else order


@dataclass(frozen=True)
class Judged:
    """`reading`: every record; `alive`: which have no fate yet, (records,); `rejects`: REJECTS_SCHEMA; `left_out`:
    records for which --where does not hold; `currencies`: column -> text -> records that are alive; `first` and `last`:
    days of records that are not rejected; `signs`: records with negative and with positive amounts, alive; `dated`: sum
    and number of the records with a date; `totals`: line and amount of those near the end that may be totals;
    `statuses`: see statuses.py."""

    reading: Reading
    alive: npt.NDArray[np.bool_]
    rejects: pl.DataFrame
    left_out: npt.NDArray[np.bool_]
    currencies: Mapping[str, "Counter[str | None]"]
    first: date | None
    last: date | None
    signs: tuple[int, int]
    dated: tuple[int, int]
    totals: tuple[tuple[int, int], ...]
    tail: tuple[int, ...]
    statuses: Tally

    @property
    def seen(self) -> Seen:
        """What the texts prove."""
        return self.reading.seen


def judge(frame: pl.DataFrame, lines: npt.NDArray[np.int64], file: str, terms: Terms, *, raw: bool = False) -> Judged:
    """Judges the records of a part of a file; `lines`: where each starts. Raises as read_roles does."""
    options = terms.options
    reading = read_roles(frame, terms.roles, options, terms.decided, raw=raw)
    if reading.order is not None:
        reading = replace(reading, order=terms.labelled(reading.order))
    future = _future(reading, terms)
    bad, left_out = np.zeros(frame.height, dtype=bool), np.zeros(frame.height, dtype=bool)
    for blame in (reading.dates, future, reading.amounts):
        bad[blame.frame["row"].to_numpy()] = True
    if options.where is not None:  # a record that it leaves out cannot be bad
        left_out = ~where_holds(frame, reading, terms.roles, options, terms.decided, terms.beside).to_numpy()
    good = ~bad & ~left_out
    rejects = pl.DataFrame(schema=REJECTS_SCHEMA)
    if (bad & ~left_out).any():
        rejects = _rejects(frame, reading, future, left_out, lines, file, terms)
    alive = good
    amount = reading.amount.to_numpy() if not reading.amount.null_count() else reading.amount.fill_null(0).to_numpy()
    counted = amount if alive.all() else amount[alive]
    negative = int(np.count_nonzero(counted < 0))
    days = reading.day if good.all() else reading.day.filter(pl.Series(good))
    first, last = days.min(), days.max()
    dated, totals, tail = _may_be_totals(frame, reading, lines)
    return Judged(
        reading, alive, rejects, left_out, _currencies(frame, alive, terms),
        first if isinstance(first, date) else None, last if isinstance(last, date) else None,
        (negative, int(np.count_nonzero(counted > 0))), dated, totals, tail, _statuses(frame, reading, alive, terms),
    )  # fmt: skip


def _statuses(frame: pl.DataFrame, reading: Reading, alive: npt.NDArray[np.bool_], terms: Terms) -> Tally:
    """What columns say of money that never came, where nothing was left out on purpose."""
    if terms.options.where is not None:
        return {}
    taken = frozenset[str]().union(*(role.reads for role in terms.roles.values()))
    options, mark = terms.options, terms.decided.mark
    return tally(frame, reading.amount, alive, taken, options.decimals, mark, has_order="order_id" in terms.roles)


def _future(reading: Reading, terms: Terms) -> Blame:
    """Records later than tomorrow, unless --as-of is given."""
    tomorrow = terms.run_day + timedelta(days=1)
    last = reading.day.max()
    if terms.options.as_of is not None or not isinstance(last, date) or last <= tomorrow:
        return Blame.none()
    rows = (reading.day > tomorrow).fill_null(False).arg_true()
    column = terms.roles["date"].text
    text = reading.date_text.gather(rows)
    frame = pl.DataFrame({"row": rows, "value": text if text.dtype == pl.String else text.cast(pl.String)})
    return Blame(frame.select(
        pl.col("row").cast(pl.UInt32), pl.lit(column).alias("column"), "value", pl.lit("future_date").alias("reason")
    ))  # fmt: skip


def _rejects(
    frame: pl.DataFrame, reading: Reading, future: Blame, left_out: npt.NDArray[np.bool_],
    lines: npt.NDArray[np.int64], file: str, terms: Terms,
) -> pl.DataFrame:  # fmt: skip
    """file, line, column, value, reason: the first thing that is wrong with each record."""
    dates, amounts = _repeated_headers(frame, reading, terms), reading.amounts.frame
    found = pl.concat([dates, future.frame, amounts]).unique("row", keep="first", maintain_order=True).sort("row")
    found = found.filter(~pl.Series(left_out[found["row"].to_numpy()]))
    return found.select(
        pl.lit(file).alias("file"), pl.Series("line", lines[found["row"].to_numpy()]), "column",
        pl.col("value").str.slice(0, SHOWN), "reason",
    ).cast(REJECTS_SCHEMA)  # type: ignore[arg-type]  # fmt: skip


def _repeated_headers(frame: pl.DataFrame, reading: Reading, terms: Terms) -> pl.DataFrame:
    """What is wrong with dates; a record with the names of both columns is the header again."""
    dates, role = reading.dates.frame, terms.roles["amount"]
    if dates.is_empty() or not (dates["value"] == terms.roles["date"].text).any():
        return dates
    beside = reading.amounts.frame.select("row", amount_value="value")
    if not role.is_sql:
        rows = dates["row"]
        beside = pl.DataFrame({"row": rows, "amount_value": texts_of(frame[rows], [role.text]).to_series()})
    again = (pl.col("value") == terms.roles["date"].text) & (pl.col("amount_value") == role.text)
    joined = dates.join(beside, on="row", how="left", maintain_order="left")
    reason = pl.when(again.fill_null(False)).then(pl.lit("repeated_header")).otherwise("reason")
    return joined.select("row", "column", "value", reason.alias("reason"))


def _currencies(frame: pl.DataFrame, alive: npt.NDArray[np.bool_], terms: Terms) -> dict[str, "Counter[str | None]"]:
    """Count the texts of the columns that name a currency."""
    role = terms.roles.get("currency")
    if role is not None and role.is_sql:
        from clvcli.log.expressions import text_of

        columns = {role.text: text_of(role, texts_of(frame, sorted(role.reads)), terms.decided.kinds)}
    else:
        names = [role.text] if role is not None else [*currency_columns(frame.columns), *by_content(frame)]
        columns = {n: texts_of(frame, [n]).to_series() for n in names}
    found = {}
    for name, texts in columns.items():
        kept = texts if alive.all() else texts.filter(pl.Series(alive))
        found[name] = Counter(dict(kept.value_counts(name="n").iter_rows()))
    return found


def _may_be_totals(
    frame: pl.DataFrame, reading: Reading, lines: npt.NDArray[np.int64]
) -> tuple[tuple[int, int], tuple[tuple[int, int], ...], tuple[int, ...]]:
    """See Judged: dated, totals, tail."""
    undated = reading.dates.frame["row"].to_numpy()
    amount = reading.amount.to_numpy() if not reading.amount.null_count() else reading.amount.fill_null(0).to_numpy()
    whole = exact_total(amount) - exact_total(amount[undated])
    tail = range(max(0, frame.height - TAIL), frame.height)
    near = [int(row) for row in undated if row in tail and reading.amount[int(row)] is not None]
    named = []
    if near:
        says = may_be_totals(texts_of(frame[near], frame.columns))
        named = [(int(lines[row]), int(amount[row])) for row, hit in zip(near, says, strict=True) if hit]
    return (whole, frame.height - undated.size), tuple(named), tuple(int(lines[row]) for row in tail)


def exact_total(amounts: npt.NDArray[np.int64]) -> int:
    """The sum, however large."""
    return (int((amounts >> 32).sum()) << 32) + int((amounts & 0xFFFFFFFF).sum())
