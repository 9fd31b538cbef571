"""The file of --customers on the workers: a row a person, typed as the rules declare it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.core.errors import ClvError
from clvcli.engines.people import CustomerAttributes, described
from clvcli.engines.spark.batches import whole_keys
from clvcli.engines.spark.blocks import Texts
from clvcli.engines.spark.profile_columns import error_json
from clvcli.lifecycle.load import Rules
from clvcli.log.ids import BLANKS

KEY, NOTE = "__clv_key", "__clv_note"
"""A person's id, the same in all of its rows, and a failure as JSON in a row of its own."""


@dataclass(frozen=True)
class Rows:
    """Raw records -> the text columns, KEY and NOTE. `identity`: the column of the id."""

    texts: Texts
    identity: str
    columns: tuple[str, ...]

    def schema(self) -> dict[str, Any]:
        """Columns and types of the frames that it yields."""
        return {KEY: pl.String, NOTE: pl.String, **dict.fromkeys(self.columns, pl.String)}

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        key = pl.col(self.identity).str.strip_chars(BLANKS).fill_null("").alias(KEY)
        added, schema = (key, pl.lit(None, pl.String).alias(NOTE)), self.schema()
        try:
            for frame in self.texts(frames):
                yield frame.with_columns(added).select(list(schema))
        except ClvError as problem:
            yield failed(problem, schema)


@dataclass(frozen=True)
class Typed:
    """Rows sorted by KEY within a task -> CustomerAttributes.frame and NOTE, of whole persons."""

    rules: Rules
    path: str
    group: str | None
    margin: str | None
    columns: tuple[str, ...]

    def people(self, table: pl.DataFrame) -> CustomerAttributes:
        """What read_attributes makes of these rows. Raises InputError, UsageError."""
        return described(table.select(self.columns), self.rules, self.path, group=self.group, margin=self.margin)

    def schema(self) -> dict[str, Any]:
        """Of what it yields. Raises as people does for columns that the file lacks."""
        return {**self._frame(pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String))).schema}

    def _frame(self, table: pl.DataFrame) -> pl.DataFrame:
        found = self.people(table).frame
        assert found is not None
        return found.with_columns(pl.lit(None, pl.String).alias(NOTE))

    def __call__(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        schema = self.schema()
        for rows in whole_keys(frames, KEY):
            yield empty(schema, rows[NOTE].drop_nulls())
            try:
                yield self._frame(rows.filter(pl.col(NOTE).is_null()))
            except ClvError as problem:
                yield failed(problem, schema)


def failed(problem: ClvError, schema: dict[str, Any]) -> pl.DataFrame:
    """A failure as a row."""
    return empty(schema, pl.Series([error_json(problem)]))


def empty(schema: dict[str, Any], notes: pl.Series) -> pl.DataFrame:
    """Rows of nothing but notes."""
    blank = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name != NOTE]
    made = pl.DataFrame({NOTE: notes}, schema={NOTE: pl.String}).with_columns(*blank)
    if KEY in schema:
        made = made.with_columns(pl.lit("").alias(KEY))
    return made.select(list(schema))
