"""Purchases to customers, customers to what the fits need, in memory."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from clvcli.core.spend_basis import ALL, REPEAT
from clvcli.engines.base import CUSTOMER_COLUMNS, LOG_UNIT, history_of, spending_of
from clvcli.engines.buyers import buyers_of
from clvcli.log.purchases import Ints, Purchases
from clvcli.models.base import History, Spending
from clvcli.models.distinct import grouped, packed

EPOCH = date(1970, 1, 1)
BLOCK = 1 << 15
"""Purchases at a time: temporary arrays stay in the processor's cache."""


def customers(purchases: Purchases, needs: Sequence[str] = ()) -> pl.DataFrame:
    """One row per customer; see engines/base.py.

    Sums over the runs of the customers, since the purchases are sorted: a third of the time of grouping. Running sums
    of all purchases would cost more than that in memory touched for the first time.
    """
    if not purchases.height:
        return pl.DataFrame(schema={**CUSTOMER_COLUMNS, **dict.fromkeys(needs, pl.Float64)})
    start, end = purchases.start[:-1], purchases.start[1:]
    day, amount, count = purchases.day, purchases.amount.to_numpy(), end - start
    first_total = amount[start]
    unpaid = np.searchsorted(start, np.flatnonzero(amount <= 0), side="right") - 1
    paid_days = count - np.bincount(unpaid, minlength=start.size)
    last3 = (
        amount[end - 1]
        + np.where(count > 1, amount[np.maximum(end - 2, 0)], 0)
        + np.where(count > 2, amount[np.maximum(end - 3, 0)], 0)
    )
    frame = pl.DataFrame(
        {
            "customer_id": purchases.ids,
            "first_day": day.gather(start),
            "last_day": day.gather(end - 1),
            "second_day": day.gather(np.minimum(start + 1, end - 1)),
            "purchases": count,
            "total": np.add.reduceat(amount, start),
            "first_total": first_total,
            "paid_days": paid_days,
            "repeat_paid_days": paid_days - (first_total > 0),
            "last3_total": last3,
            "log_amounts": np.add.reduceat(log_units(amount), start),
        }
    ).with_columns(second_day=pl.when(pl.col("purchases") > 1).then("second_day"))
    frame = frame.select(pl.col(c).cast(kind) for c, kind in CUSTOMER_COLUMNS.items())
    return frame if not needs else frame.with_columns(_statistics(purchases.frame, needs))


def log_units(amount: Ints) -> Ints:
    """ln of amounts in minor units, in whole LOG_UNIT; 0 for an amount of 0. Shape (purchases,)."""
    found = np.empty(amount.size, dtype=np.int64)
    for begin in range(0, amount.size, BLOCK):
        rows = slice(begin, begin + BLOCK)
        found[rows] = np.rint(np.log(np.maximum(amount[rows], 1)) * (1 / LOG_UNIT))
    return found


def _statistics(purchases: pl.DataFrame, needs: Sequence[str]) -> pl.DataFrame:
    """The columns of `needs`, in the order of the customers."""
    grouped = purchases.group_by("customer_id", maintain_order=True).agg(**{need: STATISTICS[need] for need in needs})
    return grouped.select(needs)


STATISTICS: dict[str, pl.Expr] = {
    # Rounded: the last digits of a sum of logs would split histories that are the same.
    "log_gaps": (pl.col("day").diff().drop_nulls().dt.total_days() / 7).log().sum().round(9),
}
"""Statistics beyond (x, t_x, T) that purchase models may need, by the name in their `needs`."""


def history(customers: pl.DataFrame, as_of: date, needs: Sequence[str] = ()) -> History:
    """Distinct (x, t_x, T) with weights, sorted, in weeks."""
    buyers = buyers_of(customers)
    first, last = (buyers[name].to_physical().to_numpy() for name in ("first_day", "last_day"))
    today = np.int32((as_of - EPOCH).days)
    keys = pl.DataFrame({"x": buyers["purchases"].to_numpy() - 1, "active": last - first, "age": today - first})
    counted = _distinct_rows(keys.hstack(buyers.select(needs))) if needs else counted_rows(keys)
    return history_of(counted, needs)


def spending(customers: pl.DataFrame, basis: str, decimals: int) -> Spending:
    """Distinct (n, mean) with weights, sorted; purchases of amount 0 are not seen."""
    repeat = basis == REPEAT
    n = pl.col("repeat_paid_days" if repeat else "paid_days")
    total = pl.col("total") - pl.col("first_total") if repeat else pl.col("total")
    seen = customers.select("log_amounts", n=n, total=total).filter(pl.col("n") > 0)
    if repeat or not seen.height or seen["log_amounts"].null_count():  # a summary tells means alone
        return spending_of(counted_rows(seen.select("n", "total")), decimals)
    keys = [seen["n"].to_numpy(), seen["total"].to_numpy()]
    order, start = grouped(keys)
    logs = np.add.reduceat(seen["log_amounts"].to_numpy()[order], start[:-1])
    found = {name: key[order[start[:-1]]] for name, key in zip(("n", "total"), keys, strict=True)}
    return spending_of(
        pl.DataFrame({**found, "weight": np.diff(start), "log_amounts": logs}), decimals, by_means=basis == ALL
    )


def first_seen(customers: pl.DataFrame, since: date | None) -> pl.DataFrame:
    """Those first seen on or after a day."""
    return customers if since is None else customers.filter(pl.col("first_day") >= since)


def of_group(customers: pl.DataFrame, name: str) -> pl.DataFrame:
    """Those of a value of `model_group`."""
    return customers.filter(pl.col("model_group") == name)


def group_sizes(customers: pl.DataFrame) -> pl.DataFrame:
    """model_group, buyers, repeat."""
    return (
        customers.filter(pl.col("purchases") > 0)
        .group_by("model_group")
        .agg(buyers=pl.len(), repeat=(pl.col("purchases") > 1).sum())
        .drop_nulls("model_group")
    )


def histories_by(customers: pl.DataFrame, column: str, as_of: date) -> dict[float, History]:
    """Histories for each value of a column, ascending."""
    parts = customers.drop_nulls(column).sort(column).partition_by(column, as_dict=True)
    return {key[0]: history(part, as_of) for key, part in parts.items()}


def bands(customers: pl.DataFrame) -> dict[str, float]:
    """The covariate of each group, ascending."""
    found = customers.select("model_group", "_covariate").drop_nulls().unique().sort("_covariate")
    return dict(found.iter_rows())


def counted_rows(keys: pl.DataFrame) -> pl.DataFrame:
    """Distinct rows of whole numbers >= 0, sorted, with their number as `weight`; a fifth of the time of grouping."""
    columns = [keys[name].to_numpy() for name in keys.columns]
    word = packed(columns)
    if word is None or not keys.height:
        return _distinct_rows(keys)
    word.sort()
    start = np.append(0, np.flatnonzero(word[1:] != word[:-1]) + 1)
    rest, found = word[start], {}
    for name, column in zip(reversed(keys.columns), reversed(columns), strict=True):
        width = int(column.max()).bit_length()
        found[name] = (rest & np.uint64((1 << width) - 1)).astype(np.int64)
        rest >>= np.uint64(width)
    return pl.DataFrame({**{name: found[name] for name in keys.columns}, "weight": np.diff(start, append=word.size)})


def _distinct_rows(keys: pl.DataFrame) -> pl.DataFrame:
    return keys.lazy().group_by(keys.columns).agg(weight=pl.len()).sort(keys.columns).collect()
