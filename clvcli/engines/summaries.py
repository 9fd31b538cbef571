"""The engine of one machine on a summary in place of a log: customers are read, and there are no purchases."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ModelOptions
from clvcli.core.spend_basis import ALL, AMOUNTS, REPEAT
from clvcli.engines import local
from clvcli.engines.people import CustomerAttributes, join_attributes
from clvcli.log.customer_summary import read_summary
from clvcli.log.first_amount import FIRST_AMOUNT
from clvcli.log.quality import Log

UNKNOWN = ("total_spend", "avg_purchase_value")
"""Columns that a summary without the first purchases' amounts cannot give."""


class Summaries:
    """See engines/base.py; what is not here is done as for a log."""

    def __init__(self) -> None:
        self._unknown: tuple[str, ...] = ()

    def __getattr__(self, verb: str) -> Any:
        return getattr(local, verb)

    def read(self, options: ModelOptions, run_day: date, people: CustomerAttributes, needs: Sequence[str]) -> Log:
        """See read_summary. Raises UsageError for what needs the purchases themselves."""
        if options.model == "auto":
            raise UsageError("--model auto needs a log: it looks at earlier days", hint="--model pareto-nbd")
        if needs:
            raise UsageError(
                marked("--model {model} needs a log: the gaps between purchases", model=options.model),
                hint="--model bg-nbd",
            )
        if options.spend_basis == AMOUNTS and options.sources.get("spend_basis", "default") != "default":
            raise UsageError(
                marked("--spend-basis {amounts} needs a log: each single amount", amounts=AMOUNTS),
                hint=f"--spend-basis {ALL}",
            )
        log = read_summary(options, options.time_unit, run_day, people.wanted_of_log)
        if log.basis == REPEAT:
            if people.group == FIRST_AMOUNT:
                raise UsageError(
                    marked("--by {first_amount} needs a column total_spend", first_amount=FIRST_AMOUNT),
                    hint="add it, or leave out --by",
                )
            self._unknown = UNKNOWN
        return log

    def everyone(self, log: Log, people: CustomerAttributes, needs: Sequence[str]) -> pl.DataFrame:
        """Customers with what is known of them, leads among them."""
        assert log.customers is not None
        joined, leads = join_attributes(log.customers, people, log.attributes)
        if leads == 0:
            log.quality.refuse_nothing_used()
        return joined

    def first_day(self, log: Log, customers: pl.DataFrame) -> None:
        """What needs the day of the first purchase needs the others too."""
        return

    def bought(self, log: Log) -> int:
        """Number of purchases."""
        assert log.customers is not None
        return int(log.customers["purchases"].sum())

    def select(self, rows: pl.DataFrame, columns: dict[str, str], *, only: str | None = None) -> pl.DataFrame:
        """Columns by their new names; empty what is not known."""
        chosen: pl.DataFrame = local.select(rows, columns, only=only)
        return chosen.with_columns(pl.lit(None, pl.Float64).alias(n) for n in self._unknown if n in chosen.columns)
