"""The checks of records on the workers: raw records -> those that are alive, the rejected ones, and counts.

The checks themselves are those of clvcli/log/, run on a part of the log by the rules that the whole of it proved.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import ClvError
from clvcli.core.options import LogOptions
from clvcli.engines.spark.blocks import Layout, pieces
from clvcli.engines.spark.profile_columns import error_json
from clvcli.log.columns import Role
from clvcli.log.currency import codes_of
from clvcli.log.ids import clean
from clvcli.log.judge import Judged, Terms, judge
from clvcli.log.quality import REJECTS_SCHEMA
from clvcli.log.reading import Decided, texts_of
from clvcli.log.statuses import together
from clvcli.log.totals import added

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
    keep: str | None = None

    def part(
        self, frame: pl.DataFrame, lines: npt.NDArray[np.int64], file: str, broken: pl.DataFrame, tally: "Tally"
    ) -> pl.DataFrame:
        """Rows of CHECKED for some records of a file. `lines`: of each, `broken`: rejects that fit no row."""
        judged = judge(frame, lines, file, Terms(self.options, self.roles, self.decided, self.run_day))
        reading, alive = judged.reading, pl.Series(judged.alive)
        rejects = pl.concat([judged.rejects, broken])
        ids = clean(reading.customer)
        tally.add(judged, file, frame.height, rejects, ids.trimmed)
        same = frame.filter(alive)
        hashes = [same.hash_rows(seed=seed).reinterpret(signed=True).alias(f"hash{seed}") for seed in (1, 2)]
        rounded = reading.rounded if reading.rounded is not None else pl.repeat(False, frame.height, eager=True)
        rows = pl.DataFrame({
            "customer": ids.values, "day": reading.day, "stamp": reading.stamp, "amount": reading.amount,
            "rounded": rounded, "order": _or_null(reading.order, frame.height),
            "line": _or_null(reading.line, frame.height),
        }).filter(alive).with_columns(
            *hashes,
            kind=pl.lit(RECORD),
            note=pl.lit(None, pl.String),
            group=pl.lit(None, pl.String) if self.keep is None else texts_of(same, [self.keep]).to_series(),
        )  # fmt: skip
        # Records of nobody stay apart: one task with all of them would be the slowest by far.
        nobody = pl.concat_str(pl.lit("\0"), "hash1", "hash2", separator=" ")
        rows = rows.with_columns(key=pl.coalesce("customer", nobody)).select(list(CHECKED))
        listed = rejects.select(pl.struct(list(REJECTS_SCHEMA)).struct.json_encode()).to_series()
        return pl.concat([rows, notes(REJECT, listed)])


def _or_null(values: pl.Series | None, height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True) if values is None else values


@dataclass
class Tally:
    """Counts of one task."""

    counts: "Counter[str]" = field(default_factory=Counter)
    rejected: "Counter[str]" = field(default_factory=Counter)
    currencies: dict[str, Counter[str | None]] = field(default_factory=dict)
    statuses: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    files: dict[str, list[Any]] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None

    def add(self, judged: Judged, file: str, height: int, rejects: pl.DataFrame, trimmed: int) -> None:
        """Counts a part of a file."""
        negative, positive = judged.signs
        self.counts.update(
            read=height + rejects.height - judged.rejects.height,
            where=int(judged.left_out.sum()),
            trimmed=trimmed,
            negative=negative,
            positive=positive,
        )
        self.rejected.update(dict(rejects["reason"].value_counts().iter_rows()))
        for column, texts in judged.currencies.items():
            found = self.currencies.setdefault(column, Counter())
            if len(found) <= MOST_CURRENCIES:
                found.update(codes_of(texts))
        self.statuses = together([self.statuses, judged.statuses])
        part = {file: [*judged.dated, list(judged.tail), [list(one) for one in judged.totals]]}
        self.files = added([self.files, part])
        if judged.first is not None:
            low, high = str(judged.first), str(judged.last)
            self.first, self.last = min(self.first or low, low), max(self.last or high, high)

    def row(self) -> pl.DataFrame:
        """The counts as a row of CHECKED."""
        told = {
            "counts": dict(self.counts),
            "rejected": dict(self.rejected),
            "currencies": {column: list(found.items()) for column, found in self.currencies.items()},
            "statuses": [[*key, *told] for key, told in self.statuses.items()],
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
                refused = pl.DataFrame(broken, schema=REJECTS_SCHEMA, orient="row")
                yield self.check.part(part.frame, part.lines.to_numpy(), name, refused, tally)
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
                for (file,), part in frame.partition_by("__clv_file", as_dict=True).items():
                    lines = part["__clv_row"].cast(pl.Int64).to_numpy() + 1
                    name = self.names.get(str(file), str(file))
                    none = pl.DataFrame(schema=REJECTS_SCHEMA)
                    yield self.check.part(part.select(**self.texts), lines, name, none, tally)
        except ClvError as problem:
            yield notes(ERROR, [error_json(problem)])
            return
        yield tally.row()
