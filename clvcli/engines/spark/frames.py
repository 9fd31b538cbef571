"""Polars on the workers: a step is a function of an iterator of frames, run by mapInArrow."""

import io
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
    pl.Binary(): "binary",
    pl.List(pl.Date()): "array<date>",
    pl.List(pl.Int64()): "array<bigint>",
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


def narrowed(frame: Any, schema: Schema) -> pl.DataFrame:
    """A Spark frame on the driver, whole numbers in their narrowest types, in the frame's order. The workers pack it:
    what is on its way is a few bytes a row. `schema`: of the frame."""
    packed = collected(mapped(frame, pack, {"packed": pl.Binary}))["packed"]
    parts = [pl.read_ipc(blob) for blob in packed]
    return pl.concat(parts, how="vertical_relaxed", rechunk=True) if parts else pl.DataFrame(schema=dict(schema))


def pack(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Each frame as one value: bytes in Arrow's file format, whole numbers in their narrowest types."""
    for frame in frames:
        if frame.height:
            small = pl.DataFrame([c.shrink_dtype() if c.dtype.is_integer() else c for c in frame])
            packed = io.BytesIO()
            small.write_ipc(packed, compression="zstd")
            yield pl.DataFrame({"packed": [packed.getvalue()]})


def portable(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that can travel: names of stages as texts, numbers of 64 bits."""
    wide = {pl.selectors.enum(): pl.String, pl.selectors.integer(): pl.Int64, pl.selectors.float(): pl.Float64}
    same = frame.with_columns(some.cast(kind) for some, kind in wide.items())
    return same.select(name for name, kind in same.schema.items() if kind in DDL)


def schema_of(frame: Any) -> dict[str, Any]:
    """The columns of a Spark frame as Polars has them."""
    kinds = {name: kind for kind, name in DDL.items()}
    return {name: kinds[kind] for name, kind in frame.dtypes}


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
        pl.Binary(): pa.binary(),
        pl.List(pl.Date()): pa.list_(pa.date32()),
        pl.List(pl.Int64()): pa.list_(pa.int64()),
    }[kind]
