"""Rows in memory: a step is done at once, of all rows together."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from clvcli.engines.base import Shares, Step
from clvcli.engines.buyers import buyers_of
from clvcli.engines.series import Series
from clvcli.lifecycle.previous import gone_since, with_previous
from clvcli.models.base import Array
from clvcli.output.scored_table import read_scored


def open(stage: Callable[[str], None]) -> None:  # noqa: A001  # the verb's name
    """Nothing is to be opened."""


def close() -> None:
    """Nothing is kept."""


def told(options: Any) -> Any:
    """The options as they are: nothing in them is secret."""
    return options


def facts() -> dict[str, Any]:
    """Nothing of this engine is worth telling."""
    return {}


def columns(rows: pl.DataFrame) -> list[str]:
    """Names of the columns."""
    return rows.columns


def ahead(customers: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Apply the step at once."""
    return step(customers)


def map(rows: pl.DataFrame, step: Step, *, keep: bool = False, ordered: bool = False) -> pl.DataFrame:  # noqa: A001
    """The rows that the step makes, ordered where asked for."""
    made = step(rows)
    return made if not ordered or made["customer_id"].is_sorted() else made.sort("customer_id")


def reduce(rows: pl.DataFrame, series: Series) -> Any:
    """The result of the series for the one batch."""
    return series.finish(series.of(rows))


def counted(rows: pl.DataFrame, column: str, scores: int) -> pl.DataFrame:
    """Count the distinct values."""
    return _distinct(buyers_of(rows.select(column, "purchases"))[column])


def shares(rows: pl.DataFrame) -> Shares:
    """Distinct values; the rows as they were."""
    found = _distinct(rows["clv"].drop_nulls())
    total = found["count"].sum()
    below: Array = ((found["count"].cum_sum() - found["count"]) / total).to_numpy() if total else np.empty(0)
    return Shares(rows, found["value"].to_numpy(), below)


def ranked(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Values in ascending order with their ranks."""
    known = buyers_of(rows.select(column, "purchases"))[column].drop_nulls()
    values = np.sort(known.to_numpy().astype(np.float64))
    return pl.DataFrame({"value": values, "rank": np.arange(1, values.size + 1)})


def some(rows: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Rows of these ids, found by search in the ordered ids."""
    return rows[rows["customer_id"].search_sorted(ids).to_numpy()]


def earlier(path: str | None, *, with_clv: bool) -> pl.DataFrame:
    """See read_scored."""
    if path is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "stage": pl.String})
    frame = read_scored(path, None).frame
    return frame if with_clv else frame.drop("clv", strict=False)


def beside(table: pl.DataFrame, before: pl.DataFrame, name: str) -> pl.DataFrame:
    """See with_previous."""
    return with_previous(table, before, name)


def gone(table: pl.DataFrame, before: pl.DataFrame) -> dict[str | None, int]:
    """See gone_since."""
    return gone_since(table, before)


def select(rows: pl.DataFrame, columns: dict[str, str], *, only: str | None = None) -> pl.DataFrame:
    """Columns by their new names."""
    chosen = rows.select(pl.col(of).alias(name) for name, of in columns.items())
    return chosen if only is None else chosen.filter(rows[only])


def _distinct(values: pl.Series) -> pl.DataFrame:
    """value, ascending, and count."""
    ordered = np.sort(values.to_numpy())
    start = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if ordered.size else np.empty(0, np.int64)
    return pl.DataFrame({"value": ordered[start], "count": np.diff(start, append=ordered.size)})
