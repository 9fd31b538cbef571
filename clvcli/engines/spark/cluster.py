"""A cluster as an engine: rows are Spark frames; steps and series travel to the workers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ScoreOptions
from clvcli.engines.base import BELOW, Shares, Step
from clvcli.engines.series import Series
from clvcli.engines.spark import collapse, earlier
from clvcli.engines.spark.accounts import ClusterLog
from clvcli.engines.spark.frames import collected, mapped, portable, schema_of
from clvcli.engines.spark.log import read_on_cluster
from clvcli.engines.spark.people import ClusterAttributes, people_on_cluster, quoted
from clvcli.engines.spark.place import ClusterPlace
from clvcli.engines.spark.purchases import OfLists, few_purchases
from clvcli.engines.spark.ranks import RANK, counted_apart, placed, ranks_of
from clvcli.engines.spark.reduce import reduced
from clvcli.engines.spark.session import connect, failures, shown
from clvcli.lifecycle.load import Rules
from clvcli.log.purchases import Purchases
from clvcli.output.formats.base import check_numbers

BOUGHT = "purchases > 0"


class Cluster:
    """See engines/base.py."""

    name = "spark"
    history = staticmethod(collapse.history)
    spending = staticmethod(collapse.spending)
    first_seen = staticmethod(collapse.first_seen)
    of_group = staticmethod(collapse.of_group)
    group_sizes = staticmethod(collapse.group_sizes)
    histories_by = staticmethod(collapse.histories_by)
    bands = staticmethod(collapse.bands)

    def __init__(self, options: ScoreOptions) -> None:
        if options.excel:
            hint = marked("--engine polars, or leave it out")
            raise UsageError("--engine spark does not do CSV for Excel yet (--excel)", hint=hint)
        if options.output == "-" or options.format not in (None, "parquet"):
            raise UsageError("--engine spark writes a folder of Parquet files", hint="-o NAME, -f parquet")
        if options.hash_ids or options.redact:
            flag = "--hash-ids" if options.hash_ids else "--redact"
            raise UsageError(marked("--engine spark does not do {flag}", flag=flag), hint="--engine polars")
        self._remote = options.remote
        self._session: Any = None
        self._kept: list[Any] = []

    def open(self, stage: Callable[[str], None]) -> None:
        """Raises UsageError without pyspark, InputError without an answer and for workers that cannot do it."""
        stage("connecting")
        self._session = connect(self._remote)

    def close(self) -> None:
        """Lets go of what the cluster keeps."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()

    def place(self, options: ScoreOptions, *, named_only: bool = False) -> ClusterPlace:
        """Where the outputs go. Raises UsageError."""
        return ClusterPlace(lambda: self._session, options, named_only=named_only)

    def told(self, options: ScoreOptions) -> ScoreOptions:
        """Without what is secret in an address."""
        return replace(options, remote=options.remote and shown(options.remote))

    def facts(self) -> dict[str, Any]:
        """The version of the cluster."""
        return {"spark": self._session.version}

    def people(self, path: str | None, rules: Rules, *, group: str | None, margin: str | None) -> ClusterAttributes:
        """See people_on_cluster."""
        found = people_on_cluster(self._session, path, rules, group=group, margin=margin)
        if found.everyone is not None:
            self._kept.append(found.everyone)
        return found

    def read(self, options: ScoreOptions, run_day: date, people: ClusterAttributes, needs: Sequence[str]) -> ClusterLog:
        """See read_on_cluster."""
        log = read_on_cluster(self._session, options, run_day, tuple(needs), people.group_of_log)
        self._kept.append(log.held)
        return log

    def everyone(self, log: ClusterLog, people: ClusterAttributes, needs: Sequence[str]) -> Any:
        """The statistics of `needs` are there since the log was read."""
        log.quality.refuse_nothing_used()
        return people.beside(log.customers)

    def first_day(self, log: ClusterLog, customers: Any) -> date | None:
        """Raises InputError without a purchase."""
        return log.first

    def bought(self, log: ClusterLog) -> int:
        """Number of purchases."""
        return int(log.days["purchases"].sum())

    def few(self, log: ClusterLog, most: int) -> Purchases:
        """Purchases of some customers, on the driver."""
        return few_purchases(self._session, log.purchases, most)

    def purchased(self, log: ClusterLog, customers: Any, series: Any) -> Any:
        """Of customers with their lists."""
        with failures("adding up"):
            needed = log.purchases.select("customer_id", "first_day", "purchases", "days", "amounts")
            return reduced(needed, OfLists(series))

    def without_purchases(self, log: ClusterLog) -> ClusterLog:
        """They are on the cluster."""
        return log

    def columns(self, rows: Any) -> list[str]:
        """Names of the columns."""
        return list(rows.columns)

    def ahead(self, customers: Any, step: Step) -> Any:
        """Done later, with what follows: rows go to Python and back once less."""
        return customers

    def map(self, rows: Any, step: Step, *, keep: bool = False, ordered: bool = False) -> Any:
        """Apply the step batch by batch."""
        with failures("scoring"):
            schema = portable(step(pl.DataFrame(schema=schema_of(rows)))).schema
            made = mapped(rows, _Batches(step), schema)
            return self._keep(made, ordered=ordered) if keep else made

    def _keep(self, rows: Any, *, ordered: bool) -> Any:
        kept = (rows.orderBy("customer_id") if ordered else rows).persist()
        self._kept.append(kept)
        return kept

    def reduce(self, rows: Any, series: Series) -> Any:
        """One task adds up what all tell."""
        with failures("adding up"):
            return reduced(rows, series)

    def counted(self, rows: Any, column: str, scores: int) -> pl.DataFrame:
        """See counted_apart."""
        with failures("counting"):
            return counted_apart(rows.where(BOUGHT), column, scores)

    def shares(self, rows: Any) -> Shares:
        """In a column."""
        with failures("ranking"):
            known = rows.where("clv is not null")
            found = placed(known, schema_of(rows), "clv", ranks_of(known, "clv")).drop(RANK)
            both = found.unionByName(rows.where("clv is null").selectExpr("*", f"cast(null as double) as {BELOW}"))
        return Shares(both, np.empty(0), np.empty(0))

    def ranked(self, rows: Any, column: str) -> Any:
        """Anew, by a shuffle: rules set the clv of those who left to 0 after `shares` has seen it."""
        known = rows.where(f"{BOUGHT} and {column} is not null")
        with failures("ranking"):
            values = known.selectExpr(f"{column} as value")
            found = placed(values, {"value": pl.Float64}, "value", ranks_of(values, "value"))
        return found.selectExpr("value", f"{RANK} as rank")

    def some(self, rows: Any, ids: pl.Series) -> pl.DataFrame:
        """Rows of these ids, on the driver."""
        with failures("choosing customers"):
            few = self._session.createDataFrame(pl.DataFrame({"customer_id": ids}).to_arrow())
            return collected(rows.join(few, "customer_id", "left_semi")).sort("customer_id")

    def earlier(self, path: str | None, *, with_clv: bool) -> Any:
        """See read_earlier."""
        if path is None:
            return self._session.createDataFrame([], earlier.SCHEMA)
        return earlier.read_earlier(self._session, path.rstrip("/"), with_clv=with_clv)

    def beside(self, table: Any, before: Any, name: str) -> Any:
        """Add the columns of the earlier table by a join."""
        with failures(f"reading {name}"):
            return self._keep(earlier.beside(table, before), ordered=True)

    def gone(self, table: Any, before: Any) -> dict[str | None, int]:
        """Count customers that only the earlier table has, by a join."""
        with failures("adding up"):
            return earlier.gone(table, before)

    def select(self, rows: Any, columns: dict[str, str], *, only: str | None = None) -> Any:
        """Columns by their new names."""
        some = rows if only is None else rows.where(quoted(only))
        return some.selectExpr(*(f"{quoted(of)} as {quoted(name)}" for name, of in columns.items()))


@dataclass(frozen=True)
class _Batches:
    step: Step

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            if frame.height:
                made = portable(self.step(frame))
                check_numbers(made)
                yield made
