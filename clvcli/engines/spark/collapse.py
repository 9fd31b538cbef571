"""Customers on a cluster to what the fits need: distinct histories, counts and sums come to the driver."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

import polars as pl

from clvcli.core.spend_basis import ALL, REPEAT
from clvcli.engines.base import spending_of
from clvcli.engines.spark.frames import collected, narrowed
from clvcli.engines.spark.session import failures
from clvcli.models.base import Array, History, Spending
from clvcli.models.narrow import Narrow

MOST_PAIRS = 500_000
"""Distinct (n, total) of which the driver sees every one. More of them are put together where totals of the same n lie
within a ten-thousandth: each such group counts with its mean. On 439,000 pairs of 2.2 million simulated customers that
moves the parameters by less than 1e-6: no more than where the optimiser stops."""


def history(customers: Any, as_of: date, needs: Sequence[str] = ()) -> History:
    """Distinct (x, t_x, T) of the buyers with weights, sorted, in weeks; counted on the cluster, a few bytes each."""
    with failures("counting histories"):
        names = ["x", "active", "age", *needs]
        buyers = customers.where("purchases > 0").selectExpr(*_keys(as_of), *needs)
        found = _narrowed(buyers.groupBy(names).count().withColumnRenamed("count", "weight").orderBy(names))
    return _history(found, needs)


def histories_by(customers: Any, column: str, as_of: date) -> dict[float, History]:
    """The same for each value of a column of numbers, ascending."""
    with failures("counting histories"):
        names = [column, "x", "active", "age"]
        known = customers.where(f"purchases > 0 and {column} is not null")
        buyers = known.selectExpr(*_keys(as_of), column)
        found = _narrowed(buyers.groupBy(names).count().withColumnRenamed("count", "weight").orderBy(names))
    parts = found.partition_by(column, as_dict=True, maintain_order=True)
    return {key[0]: _history(part, ()) for key, part in parts.items()}


def _keys(as_of: date) -> list[str]:
    return [
        "purchases - 1 as x",
        "cast(datediff(last_day, first_day) as bigint) as active",
        f"cast(datediff(date'{as_of.isoformat()}', first_day) as bigint) as age",
    ]


def _history(found: pl.DataFrame, needs: Sequence[str]) -> History:
    x, active, age, weight = (found[name].to_numpy() for name in ("x", "active", "age", "weight"))
    # They read as the arrays that they stand for.
    columns = cast("list[Array]", [Narrow(x), Narrow(active, 7), Narrow(age, 7), Narrow(weight)])
    return History(columns[0], columns[1], columns[2], columns[3], {need: found[need].to_numpy() for need in needs})


def spending(customers: Any, basis: str, decimals: int) -> Spending:
    """Distinct (n, mean) with weights, sorted; see MOST_PAIRS. Logs are summed as whole numbers: the same in any order
    of the rows."""
    repeat = basis == REPEAT
    columns = ("repeat_paid_days", "total - first_total") if repeat else ("paid_days", "total")
    logs = [] if repeat else ["log_amounts"]
    with failures("counting amounts"):
        seen = customers.selectExpr(f"{columns[0]} as n", f"{columns[1]} as total", *logs).where("n > 0")
        pairs = seen.groupBy("n", "total").agg(*_sums(weight="1", **dict(zip(logs, logs, strict=True))))
        if pairs.count() > MOST_PAIRS:
            near = "cast(round(ln(total) / 1e-4) as bigint)"
            whole = {
                "whole": "cast(total as double) * weight",
                "weight": "weight",
                **dict(zip(logs, logs, strict=True)),
            }
            pairs = pairs.selectExpr("n", f"{near} as near", "total", "weight", *logs).groupBy("n", "near").agg(
                *_sums(**whole)
            )  # fmt: skip
            pairs = pairs.selectExpr("n", "whole / weight as total", "weight", *logs)
        found = _narrowed(pairs.orderBy("n", "total"))
    n, weight = cast("list[Array]", [Narrow(found[name].to_numpy()) for name in ("n", "weight")])
    return replace(spending_of(found, decimals, by_means=basis == ALL), n=n, weight=weight)


def _narrowed(frame: Any) -> pl.DataFrame:
    """See `narrowed`; all numbers."""
    kinds = {name: pl.Float64 if kind == "double" else pl.Int64 for name, kind in frame.dtypes}
    return narrowed(frame, kinds)


def _sums(**columns: str) -> list[Any]:
    """The sum of each expression, by name."""
    from pyspark.sql import functions

    return [functions.expr(f"sum({text})").alias(name) for name, text in columns.items()]


def first_seen(customers: Any, since: date | None) -> Any:
    """The customers first seen on or after a day: those that a fit looks at."""
    return customers if since is None else customers.where(f"first_day >= date'{since.isoformat()}'")


def of_group(customers: Any, name: str) -> Any:
    """Those of a value of `model_group`."""
    return customers.where(customers["model_group"] == name)


def group_sizes(customers: Any) -> pl.DataFrame:
    """model_group, buyers, repeat."""
    sizes = customers.where("purchases > 0 and model_group is not null").selectExpr(
        "model_group", "cast(purchases > 1 as bigint) as again"
    )
    with failures("counting groups"):
        found = collected(sizes.groupBy("model_group").agg({"*": "count", "again": "sum"}))
    return found.rename({"count(1)": "buyers", "sum(again)": "repeat"})


def bands(customers: Any) -> dict[str, float]:
    """The covariate of each group, ascending."""
    with failures("counting groups"):
        found = collected(customers.select("model_group", "_covariate").distinct()).drop_nulls()
    return dict(found.sort("_covariate").iter_rows())
