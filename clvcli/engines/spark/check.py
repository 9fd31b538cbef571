"""The checks of records on the workers: raw records -> those that are alive, the rejected ones, and counts.

The checks themselves are those of clvcli/log/, run on a part of the log by the rules that the whole of it proved.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from clvcli.core.errors import ClvError
from clvcli.core.options import LogOptions
from clvcli.engines.spark.blocks import Layout, pieces
from clvcli.engines.spark.look import error_json
from clvcli.engines.spark.totals import added, totals_in
from clvcli.log import account
from clvcli.log.columns import Role
from clvcli.log.currency import count_codes
from clvcli.log.gather import Gathered
from clvcli.log.quality import REJECTS_SCHEMA
from clvcli.log.reading import Decided, read_roles

CHECKED: dict[str, Any] = {
    "kind": pl.String,
    "key": pl.String,
    "customer": pl.String,
    "day": pl.Date,
    "stamp": pl.Int64,
    "amount": pl.Int64,
    "rounded": pl.Boolean,
    "order": pl.String,
    "line": pl.String,
    "group": pl.String,
    "hash1": pl.Int64,
    "hash2": pl.Int64,
    "note": pl.String,
}
"""`kind`: record (`key`: the same for all of a customer, and for equal lines; hashes of the whole line; `group`: what
--by names), reject, count, error (with a `note`, JSON)."""
RECORD, REJECT, COUNT, ERROR = "record", "reject", "count", "error"
MOST_CURRENCIES = 20


@dataclass(frozen=True)
class Check:
    """Everything that a worker needs to judge records. `options` without what is not for workers; `keep`: the column
    of the group, where the log has one."""

    options: LogOptions
    roles: Mapping[str, Role]
    decided: Decided
    run_day: date
    typed: frozenset[str]
    keep: str | None = None

    def part(self, frame: pl.DataFrame, place: pl.DataFrame, broken: pl.DataFrame, tally: "Tally") -> pl.DataFrame:
        """Rows of CHECKED for some records. `place`: file and line of each, `broken`: rejects that fit no row."""
        gathered = Gathered("", frame, place, broken, self.typed, (), ())
        reading = read_roles(gathered, dict(self.roles), self.options, self.decided)
        records = reading.records
        reasons = account.reject_reasons(records, self.run_day, self.options.as_of is not None)
        rejects = pl.concat([account.list_rejects(place, reasons, reading.texts), broken])
        good = reasons.is_null()
        alive = good if self.options.where is None else good & reading.condition(self.options.where)
        tally.add(records, good, alive, rejects, reading.trimmed, reading.currencies)
        tally.files = added([tally.files, totals_in(place, records, frame)])
        left = records.filter(alive)
        same = frame.filter(alive)
        hashes = [same.hash_rows(seed=seed).reinterpret(signed=True).alias(f"hash{seed}") for seed in (1, 2)]
        rows = left.select("customer", "day", "stamp", "amount", "rounded", "order").with_columns(
            *hashes,
            kind=pl.lit(RECORD),
            note=pl.lit(None, pl.String),
            line=pl.lit(None, pl.String) if reading.line is None else reading.line.filter(alive),
            group=pl.lit(None, pl.String) if self.keep is None else same[self.keep],
        )
        # Records of nobody stay apart: one task with all of them would be the slowest by far.
        nobody = pl.concat_str(pl.lit("\0"), "hash1", "hash2", separator=" ")
        rows = rows.with_columns(key=pl.coalesce("customer", nobody)).select(list(CHECKED))
        listed = rejects.select(pl.struct(list(REJECTS_SCHEMA)).struct.json_encode()).to_series()
        return pl.concat([rows, notes(REJECT, listed)])


@dataclass
class Tally:
    """Counts of one task."""

    counts: "Counter[str]" = field(default_factory=Counter)
    rejected: "Counter[str]" = field(default_factory=Counter)
    currencies: dict[str, Counter[str | None]] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None

    def add(
        self,
        records: pl.DataFrame,
        good: pl.Series,
        alive: pl.Series,
        rejects: pl.DataFrame,
        trimmed: int,
        currencies: Mapping[str, pl.Series],
    ) -> None:
        """Counts a part. `good`: not rejected; `alive`: nor left out by --where."""
        amount = records["amount"].filter(alive)
        self.counts.update(
            read=records.height + rejects.height - int((~good).sum()),
            where=int((good & ~alive).sum()),
            trimmed=trimmed,
            negative=int((amount < 0).sum()),
            positive=int((amount > 0).sum()),
        )
        self.rejected.update(dict(rejects["reason"].value_counts().iter_rows()))
        for column, values in currencies.items():
            found = self.currencies.setdefault(column, Counter())
            if len(found) <= MOST_CURRENCIES:
                found.update(count_codes(values.filter(alive)))
        days = records["day"].filter(good)
        if days.len():
            low, high = str(days.min()), str(days.max())
            self.first, self.last = min(self.first or low, low), max(self.last or high, high)

    def row(self) -> pl.DataFrame:
        """The counts as a row of CHECKED."""
        told = {
            "counts": dict(self.counts),
            "rejected": dict(self.rejected),
            "currencies": {column: list(found.items()) for column, found in self.currencies.items()},
            "files": self.files,
            "first": self.first,
            "last": self.last,
        }
        return notes(COUNT, [json.dumps(told)])


def notes(kind: str, told: Sequence[str] | pl.Series) -> pl.DataFrame:
    """Rows of CHECKED that are not records."""
    frame = pl.DataFrame(
        {"kind": [kind] * len(told), "key": told, "note": told},
        schema=dict.fromkeys(("kind", "key", "note"), pl.String),
    )
    return frame.with_columns(
        pl.lit(None, kind).alias(n) for n, kind in CHECKED.items() if n not in frame.columns
    ).select(list(CHECKED))


@dataclass(frozen=True)
class CheckLines:
    """Lines of text files -> CHECKED."""

    check: Check
    layout: Layout

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        tally = Tally()
        try:
            for name, part in pieces(frames, self.layout):
                broken = [(name, b.line, "", b.value, b.reason) for b in part.broken]
                place = pl.DataFrame({"line": part.lines}).select(pl.lit(name).alias("file"), "line")
                refused = pl.DataFrame(broken, schema=REJECTS_SCHEMA, orient="row")
                yield self.check.part(part.frame, place, refused, tally)
        except ClvError as problem:
            yield notes(ERROR, [error_json(problem)])
            return
        yield tally.row()


@dataclass(frozen=True)
class CheckTyped:
    """Parquet records with their file and row -> CHECKED. `texts`: the columns as text; `names` as in Layout."""

    check: Check
    texts: dict[str, pl.Expr]
    names: dict[str, str]

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        tally = Tally()
        try:
            for frame in frames:
                file = pl.col("__clv_file").replace(self.names)
                place = frame.select(file.alias("file"), (pl.col("__clv_row") + 1).alias("line"))
                yield self.check.part(frame.select(**self.texts), place, pl.DataFrame(schema=REJECTS_SCHEMA), tally)
        except ClvError as problem:
            yield notes(ERROR, [error_json(problem)])
            return
        yield tally.row()
