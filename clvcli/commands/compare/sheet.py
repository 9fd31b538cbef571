"""The before/after sheet: the same measures over OLD and over NEW. It shows what changed, never why."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from clvcli.commands.compare.costs import Costs
from clvcli.commands.compare.pair import Pair

NO_EVIDENCE = "not evidence"
"""A before and an after differ for many reasons: season, growth, chance. Only a control group tells the effect."""


@dataclass(frozen=True)
class Line:
    """One measure; null where a side cannot know it. `unit`: customers, share, money, days or purchases."""

    measure: str
    unit: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """After minus before."""
        return None if self.before is None or self.after is None else self.after - self.before


def sheet(pair: Pair, costs: Costs | None, first: str, last: str) -> list[Line]:
    """Customers per stage, first and last stage, buying more often, retention, sales, lifetime, costs.

    All windows have the length of the time between the tables: "before" is the window that ends at OLD.
    """
    old, new, days = pair.old.frame, pair.new.frame, pair.days
    start = pair.old.as_of - timedelta(days=days)
    lines = [Line("customers", "customers", _buyers(old), _buyers(new))]
    lines += [Line(f"in {s}", "customers", _in(old, s), _in(new, s)) for s in pair.stages]
    lines += [
        Line(f"in the first stage ({first})", "share", _share(old, first), _share(new, first)),
        Line(f"in the last stage ({last})", "share", _share(old, last), _share(new, last)),
        Line("bought more often than before", "share", None, _more_often(pair)),
        Line("retention", "share", retention(old, start), retention(new, pair.old.as_of)),
        Line("sales so far", "money", _sum(old), _sum(new)),
        Line("sales of customers in both", "money", None, _between(pair)),
        Line("average lifetime so far", "days", lifetime(old), lifetime(new)),
    ]
    if costs is not None:
        spent = costs.between(pair.old.as_of, pair.new.as_of)
        sales = _sum(new) - _sum(old)
        lines.append(Line("costs", "money", costs.between(start, pair.old.as_of), spent))
        lines.append(Line("sales per unit of cost", "ratio", None, sales / spent if spent else None))
    return lines


def retention(table: pl.DataFrame, start: date) -> float | None:
    """Share of the customers known on `start` who bought later, as the table knows them; null without any.

    It needs one table only: who bought after `start` has a last purchase after it.
    """
    known = table.filter(pl.col("first_purchase_date") <= start)
    return known.filter(pl.col("last_purchase_date") > start).height / known.height if known.height else None


def lifetime(table: pl.DataFrame) -> float | None:
    """Mean days from the first to the last purchase. It grows with the log, and is no forecast."""
    days = (pl.col("last_purchase_date") - pl.col("first_purchase_date")).dt.total_days()
    found = table.select(days.mean()).item()
    return None if found is None else float(found)


def _more_often(pair: Pair) -> float | None:
    """Share of OLD's buyers whose purchases a day after OLD exceed those from their first purchase to OLD.

    The first purchase is left out: it begins the time. One who was new on the day of OLD has no earlier rate.
    """
    age = (pl.lit(pair.old.as_of) - pl.col("old_first_purchase_date")).dt.total_days()
    rated = pair.both.filter((age > 0) & pl.col("purchases_between").is_not_null())
    if rated.is_empty():
        return None
    more = pl.col("purchases_between") * age > (pl.col("old_purchases") - 1) * pair.days
    return float(rated.select(more.mean()).item())


def _buyers(table: pl.DataFrame) -> float:
    return float(table.filter(pl.col("purchases") > 0).height)


def _in(table: pl.DataFrame, stage: str) -> float:
    return float(table.filter(pl.col("stage") == stage).height)


def _share(table: pl.DataFrame, stage: str) -> float | None:
    buyers = table.filter(pl.col("purchases") > 0)
    return _in(buyers, stage) / buyers.height if buyers.height else None


def _sum(table: pl.DataFrame) -> float:
    return round(float(table["total_spend"].drop_nulls().sort().sum()), 6)


def _between(pair: Pair) -> float | None:
    spent = pair.both["spend_between"].drop_nulls()
    return round(float(spent.sort().sum()), 6) if spent.len() else None
