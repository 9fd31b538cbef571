"""What an engine does: only the work that rows force on it. Everything else runs once, on the driver, in the pipeline.

The internal frame of customers (`Customers`) has one row per customer, sorted by customer_id:

    customer_id        text     as in the log
    first_day          date     null for a lead
    last_day           date
    second_day         date     second purchase; null without one
    purchases          integer  days with a purchase; 0 for a lead
    total              integer  minor units, all purchases
    first_total        integer  minor units, the first day
    paid_days          integer  purchases with an amount > 0
    repeat_paid_days   integer  the same after the first day
    last3_total        integer  minor units of the last three purchases
    log_amounts        integer  ln of each amount > 0 in minor units, in LOG_UNIT, summed

and, where they were asked for, columns of attributes, `model_group`, `margin` and statistics that a model `needs`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import polars as pl

from clvcli.engines.series import Series
from clvcli.log.purchases import Purchases
from clvcli.models.base import Array, History, Spending

CUSTOMER_COLUMNS: dict[str, Any] = {
    "customer_id": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
    "second_day": pl.Date,
    "purchases": pl.Int64,
    "total": pl.Int64,
    "first_total": pl.Int64,
    "paid_days": pl.Int64,
    "repeat_paid_days": pl.Int64,
    "last3_total": pl.Int64,
    "log_amounts": pl.Int64,
}


LOG_UNIT = 2.0**-30
"""Logs of amounts are counted in whole ones of these, so that their sum is the same in any order and however purchases
are spread. That moves a log by less than 5e-10, and 10^8 purchases of a customer fit."""

Rows = Any
"""Rows as an engine has them: a Polars frame here, a Spark frame there. Nobody but the engine looks into them."""
Step = Callable[[pl.DataFrame], pl.DataFrame]
"""A function of a batch that travels by value. What it makes of no rows has the columns of all that it makes."""


class Collapses(Protocol):
    """Customers to the collapsed tables that the fits need."""

    def history(self, customers: Rows, as_of: date, needs: Sequence[str] = ()) -> History:
        """Distinct weighted histories of the buyers, in weeks."""

    def spending(self, customers: Rows, basis: str, decimals: int) -> Spending:
        """Distinct weighted (n, mean) of the buyers that the spend model sees."""

    def first_seen(self, customers: Rows, since: date | None) -> Rows:
        """The customers first seen on or after a day: those that a fit looks at."""

    def of_group(self, customers: Rows, name: str) -> Rows:
        """Those of a value of `model_group`."""

    def columns(self, rows: Rows) -> Sequence[str]:
        """Names of the columns."""

    def group_sizes(self, customers: Rows) -> pl.DataFrame:
        """model_group, buyers, repeat: of those who bought; null left out."""

    def histories_by(self, customers: Rows, column: str, as_of: date) -> dict[float, History]:
        """Histories for each value of a column of numbers, ascending."""

    def bands(self, customers: Rows) -> dict[str, float]:
        """The covariate of each model_group that has one, ascending."""


class Counted(Protocol):
    """Purchases to customers in memory: what rehearsals on a few customers need."""

    def customers(self, purchases: Purchases, needs: Sequence[str] = ()) -> pl.DataFrame:
        """Purchases to customers. `needs` names statistics of purchase models."""


class Engine(Collapses, Counted, Protocol):
    """The engine of one machine, as jobs beside the main one use it."""

    name: str


@dataclass(frozen=True)
class Shares:
    """The share of the known values of clv that lie below each. `rows`: with it in a column BELOW, or as they
    were; then `values`, distinct and ascending, have the shares `below`."""

    rows: Rows
    values: Array
    below: Array


BELOW = "_clv_below"


class Carrier(Collapses, Protocol):
    """An engine as the main job uses it: it carries, and knows nothing of what it carries."""

    name: str

    def open(self, stage: Callable[[str], None]) -> None:
        """Before the first use. Raises UsageError, InputError."""

    def close(self) -> None:
        """Lets go of what is kept."""

    def place(self, options: Any, *, named_only: bool = False) -> Any:
        """The outputs that the options ask for: see engines/place.py. `named_only`: a table whose name nobody gave is
        not written. Raises UsageError."""

    def told(self, options: Any) -> Any:
        """The options without what is secret in them."""

    def facts(self) -> dict[str, Any]:
        """What the manifest says of the engine, under `run`."""

    def people(self, path: str | None, rules: Any, *, group: str | None, margin: str | None) -> Any:
        """What --customers knows: see engines/people.py. Its frame may be rows."""

    def read(self, options: Any, run_day: date, people: Any, needs: Sequence[str]) -> Any:
        """DATA -> a clean log: as_of, quality, rejects, and what is for the engine alone. `needs` as in `everyone`."""

    def everyone(self, log: Any, people: Any, needs: Sequence[str]) -> Rows:
        """Customers with their attributes, `margin` and `model_group`, leads among them; with the statistics of
        `needs`. Raises InputError where nobody is left, UsageError when customers of the log have no margin."""

    def first_day(self, log: Any, customers: Rows) -> date | None:
        """Of the first purchase of all."""

    def bought(self, log: Any) -> int:
        """Number of purchases."""

    def few(self, log: Any, most: int) -> Purchases:
        """The purchases of every k-th customer by id, k so that at most so many remain."""

    def purchased(self, log: Any, customers: Rows, series: Any) -> Any:
        """What a series of buyers and their purchases tells of the whole log."""

    def without_purchases(self, log: Any) -> Any:
        """The log, its purchases let go."""

    def ahead(self, customers: Rows, step: Step) -> Rows:
        """A step that may be done now, beside something else: what is done later does it as well."""

    def map(self, rows: Rows, step: Step, *, keep: bool = False, ordered: bool = False) -> Rows:
        """What a step makes of every batch; kept where it is used more than once, in the order of customer_id."""

    def reduce(self, rows: Rows, series: Series) -> Any:
        """What a series tells of all batches together. There is at least one row."""

    def counted(self, rows: Rows, column: str, scores: int) -> pl.DataFrame:
        """value (ascending) and count of what buyers have in a column; values that no bound of so many scores needs
        apart may stand together: see thresholds.bounds."""

    def shares(self, rows: Rows) -> Shares:
        """See the class."""

    def ranked(self, rows: Rows, column: str) -> Rows:
        """`value` and `rank`, from 1 for the lowest, of the buyers; each rank once."""

    def some(self, rows: Rows, ids: pl.Series) -> pl.DataFrame:
        """The rows of a few customers, by customer_id. `rows`: ordered."""

    def earlier(self, path: str | None, *, with_clv: bool) -> Rows:
        """customer_id, stage and clv of an earlier scored table; of nobody without a path. Raises InputError for one
        that is none."""

    def beside(self, table: Rows, before: Rows, name: str) -> Rows:
        """The table with previous_stage, _previous_clv, _known (null for customers who are new) and
        stage_changed; ordered and kept."""

    def gone(self, table: Rows, before: Rows) -> dict[str | None, int]:
        """Count customers that only the earlier table has, by stage."""

    def select(self, rows: Rows, columns: dict[str, str], *, only: str | None = None) -> Rows:
        """Columns by their new names; only rows where a column is true."""


def history_of(counted: pl.DataFrame, needs: Sequence[str]) -> History:
    """Histories in weeks from counted ones: x, active and age in days, the statistics of `needs`, weight; sorted."""
    numbers = {c: counted[c].cast(pl.Float64).to_numpy() for c in counted.columns}
    extra = {need: numbers[need] for need in needs}
    return History(numbers["x"], numbers["active"] / 7, numbers["age"] / 7, numbers["weight"], extra)


def spending_of(counted: pl.DataFrame, decimals: int, *, by_means: bool = False) -> Spending:
    """What the spend model sees from counted pairs: n, total in minor units, weight; sorted. `log_amounts`, where it is
    there: of all customers of a row together. `by_means`: see Spending."""
    count = counted["n"].cast(pl.Float64).to_numpy()
    mean = counted["total"].cast(pl.Float64).to_numpy() / 10.0**decimals / np.maximum(count, 1)
    weight = counted["weight"].cast(pl.Float64).to_numpy()
    if "log_amounts" not in counted.columns:
        return Spending(count, mean, weight)
    logs = counted["log_amounts"].cast(pl.Float64).to_numpy() * LOG_UNIT / (count * weight)
    return Spending(count, mean, weight, logs - decimals * np.log(10.0), by_means)
