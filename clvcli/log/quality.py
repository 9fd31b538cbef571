"""What became of the records of a log, as values that travel: the log, its quality, its rejects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.log.purchases import Purchases

REJECTS_SCHEMA = {
    "file": pl.String(),
    "line": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True)
class DataQuality:
    """Every record accounted for: read = used + duplicates + sum(excluded) + sum(rejected).

    `columns`: role -> column or SQL. `inputs`: for each file its path, format, bytes, encoding, separator and so on.
    `facts`: what `clv check` and the report print (spans, counts, examples).
    """

    read: int
    used: int
    duplicates: int
    excluded: Mapping[str, int]
    rejected: Mapping[str, int]
    notices: tuple[Notice, ...]
    columns: Mapping[str, str]
    inputs: tuple[dict[str, object], ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def refuse_nothing_used(self) -> None:
        """Raises InputError when no record is used, with where they went."""
        if not self.used:
            reasons = {**self.excluded, **self.rejected, **({"duplicate": self.duplicates} if self.duplicates else {})}
            where = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
            raise InputError(
                marked("no usable record among {read} ({where})", read=f"{self.read:,}", where=where),
                hint="clv check DATA says more",
            )

    def is_complete(self) -> bool:
        """Whether the accounting closes."""
        return self.read == self.used + self.duplicates + sum(self.excluded.values()) + sum(self.rejected.values())


@dataclass(frozen=True)
class Log:
    """A clean log: what was `bought` up to `as_of`. `attributes`: customer_id and the kept columns, or None. `rejects`:
    file, line, column, value, reason, in the order of the files and lines."""

    bought: Purchases
    attributes: pl.DataFrame | None
    as_of: date
    quality: DataQuality
    rejects: pl.DataFrame
    lines: pl.DataFrame | None = None
    """Used records, where they were asked for: customer_id, day, amount (minor units), order, the values asked for."""
    customers: pl.DataFrame | None = None
    """Of a summary, which has no purchases: the columns of engines/base.py, sorted by customer_id."""
    basis: str | None = None
    """Of a summary: `all`, or `repeat` where it lacks the amounts of first purchases. It has no single amounts."""

    outside: pl.Series | None = None
    """Ids of people whom --where leaves out whatever they buy, where it reads what is known of people."""

    @property
    def purchases(self) -> pl.DataFrame:
        """customer_id (String), day (Date), amount (Int64, minor units >= 0): a row a day, sorted by the first two."""
        return self.bought.frame


class TooManyRejects(InputError):  # noqa: N818  # the word of the option
    """More records are bad than --max-rejects allows. `rejects` lists them, so that they can be written all the
    same."""

    def __init__(self, message: str, hint: str | None, rejects: pl.DataFrame, quality: DataQuality) -> None:
        super().__init__(message, hint, code="too_many_rejects")
        self.rejects = rejects
        self.quality = quality
