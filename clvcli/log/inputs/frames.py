"""Data frames in memory as DATA: Polars, pandas, anything with the Arrow C interface."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from clvcli.core.errors import InputError
from clvcli.core.held import Held
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.content import Content
from clvcli.log.inputs.base import Opened

if TYPE_CHECKING:
    import polars as pl

INTEGERS_OF_A_FLOAT = 2.0**53


class Frame(Held):
    """A frame among the texts of DATA (`LogOptions(data=(Frame(df),))`), or where an option takes a table."""

    def __new__(cls, data: Any, name: str = "data frame", manifest: Mapping[str, Any] | None = None) -> Self:
        """Raises InputError for what is no frame."""
        return super().__new__(cls, name, as_polars(data, name), manifest)

    @property
    def table(self) -> "pl.DataFrame":
        """The frame."""
        return self.value  # type: ignore[no-any-return]


def is_frame(data: object) -> bool:
    """Whether something can be a Frame."""
    polars = type(data).__module__.split(".")[0] == "polars" and hasattr(data, "collect_schema")
    return polars or hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def as_polars(data: Any, name: str) -> "pl.DataFrame":
    """The frame with its named index as columns. Raises InputError for what is no frame or has a column twice."""
    import polars as pl

    try:
        if isinstance(data, pl.LazyFrame):
            return data.collect(engine="streaming")
        if isinstance(data, pl.DataFrame):
            return data
        if type(data).__module__.split(".")[0] == "pandas":
            return _of_pandas(data)
        if is_frame(data):
            return pl.DataFrame(data)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as problem:
        reason = str(problem).splitlines()[0][:150] if str(problem) else type(problem).__name__
        raise InputError(
            marked("{place}: cannot be read ({reason})", place=name, reason=reason),
            hint="pass a frame of plain columns",
        ) from None
    raise InputError(
        marked("{place}: {name} is no data frame", place=name, name=type(data).__name__),
        hint="pass a Polars, pandas or Arrow table",
    )


def _of_pandas(data: Any) -> "pl.DataFrame":
    """pandas makes whole numbers with gaps floats: such columns are whole numbers again."""
    import polars as pl

    if any(name is not None for name in data.index.names):
        data = data.reset_index()
    if not data.columns.is_unique:
        twice = data.columns[data.columns.duplicated()][0]
        raise ValueError(f"the column {twice} appears twice")
    columns = [_column(str(name), data[name]) for name in data.columns]
    return pl.DataFrame([whole_numbers(column) for column in columns])


def _column(name: str, values: Any) -> "pl.Series":
    """Objects of several types become text, like ids of which some are numbers."""
    import polars as pl

    kind = str(values.dtype)
    if kind.startswith("datetime64[") and kind.endswith("]"):
        zone = getattr(values.dtype, "tz", None)
        naive = values.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else values
        found = pl.Series(name, naive.to_numpy().astype("datetime64[us]"))
        return found.dt.replace_time_zone("UTC") if zone is not None else found
    if kind in ("int64", "int32", "int16", "int8", "uint64", "uint32", "float64", "float32", "bool"):
        return pl.Series(name, values.to_numpy(), nan_to_null=True)
    missing = values.isna().tolist()
    plain = [None if gone else value for value, gone in zip(values.tolist(), missing, strict=True)]
    kinds = {type(value) for value in plain} - {type(None)}
    if len(kinds) > 1 and str in kinds:
        plain = [None if value is None else _as_written(value) for value in plain]
    return pl.Series(name, plain, strict=False)


def _as_written(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def whole_numbers(column: "pl.Series") -> "pl.Series":
    """A column of floats that all are whole numbers as such; any other as it is."""
    import polars as pl

    if not column.dtype.is_float() or column.null_count() == column.len():
        return column
    fits = (column == column.floor()) & (column.abs() < INTEGERS_OF_A_FLOAT)
    return column.cast(pl.Int64) if fits.all() else column


class Frames:
    """A frame is chosen by its type, not by content."""

    suffixes = ()
    schemes = ()

    def is_it(self, content: Content) -> bool:
        return content.source.frame is not None

    def tables(self, file: int, content: Content, options: LogOptions, *, whole: bool) -> Opened:  # noqa: ARG002
        from clvcli.log.stored import frame_table

        frame, name = content.source.frame, content.source.name
        assert frame is not None
        facts: dict[str, object] = {"path": name, "format": "frame", "bytes": int(frame.estimated_size())}
        return [frame_table(file, name, frame, facts)], []


INPUT = Frames()
