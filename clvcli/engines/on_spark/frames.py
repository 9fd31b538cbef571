"""Polars on the workers: a step is a function of an iterator of frames, run by mapInArrow."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

Step = Callable[[Iterator[pl.DataFrame]], Iterator[pl.DataFrame]]
Schema = Mapping[str, Any]

DDL = {
    pl.String(): "string",
    pl.Int64(): "bigint",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
}
"""The types that travel between Spark and Polars, with their names in Spark."""


def mapped(frame: Any, step: Step, schema: Schema) -> Any:
    """The Spark frame that `step` makes of `frame`, partition by partition. `schema`: of what it yields, see DDL."""
    types = {name: _instance(kind) for name, kind in schema.items()}

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        wanted = pa.schema([(name, _arrow(kind)) for name, kind in types.items()])
        frames = (as_frame(pa.Table.from_batches([batch])) for batch in batches)
        for made in step(frames):
            yield from made.select(list(types)).to_arrow().cast(wanted).to_batches()

    return frame.mapInArrow(run, ", ".join(f"`{name}` {DDL[kind]}" for name, kind in types.items()))


def collected(frame: Any) -> pl.DataFrame:
    """A small Spark frame on the driver."""
    return as_frame(frame.toArrow())


def as_frame(table: Any) -> pl.DataFrame:
    """An Arrow table as Polars has it."""
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)
    return made


def _instance(kind: Any) -> Any:
    return kind() if isinstance(kind, type) else kind


def _arrow(kind: Any) -> Any:
    import pyarrow as pa

    return {
        pl.String(): pa.string(),
        pl.Int64(): pa.int64(),
        pl.Float64(): pa.float64(),
        pl.Boolean(): pa.bool_(),
        pl.Date(): pa.date32(),
    }[kind]
