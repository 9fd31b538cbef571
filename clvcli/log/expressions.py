"""Columns and SQL of the user over the text columns of a log. A text column is taken as a number or a date in SQL only
where every value of it is one."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.log.amounts import PLAIN, normalise
from clvcli.log.columns import Role, flag_of
from clvcli.log.ids import NULL_LIKE
from clvcli.sql import SqlError, columns_of, compile_sql

WHOLE_OR_DECIMAL = r"^[+-]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?$"
ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ISO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?$"
LARGEST_DIGITS = 15


@dataclass(frozen=True)
class AmountTexts:
    """`plain`: amounts as plain text, null where they are missing, `?...` where they are no amounts; `column` and
    `value` say, for each record, which column of an expression is to blame."""

    plain: pl.Series
    column: pl.Series
    value: pl.Series
    mark: str
    currencies: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """What the values of a text column are in SQL: `typed` decimal (with `scale` digits), day, time or text; and, in
    an expression of --amount, a number with this decimal `mark`, so many `digits` and the side `back`, where
    `is_number`."""

    typed: str
    scale: int
    is_number: bool
    mark: str
    digits: int
    currencies: tuple[str, ...]
    back: str = ""


Kinds = Mapping[str, Kind]
EMPTY: tuple[pl.DataType, ...] = (pl.Decimal(38, 2), pl.String(), pl.Date(), pl.Datetime("us"))
"""A column without any value has every type: SQL that worked yesterday works tonight."""


def text_of(role: Role, frame: pl.DataFrame, kinds: Kinds | None = None) -> pl.Series:
    """The role's value of each record, as text. `kinds`: of the whole log, where `frame` is a part of it."""
    if not role.is_sql:
        return frame[role.text]
    return _run(
        role.text, flag_of(role.name), frame, [_as_texts(frame, role.reads), *_views(frame, role.reads, kinds)]
    ).cast(pl.String)


def refuse_unknown_names(text: str, columns: list[str]) -> None:
    """Raises UsageError for a --where that is no SQL, or reads a column that is not there."""
    try:
        if columns_of(text) <= frozenset(columns):
            return
    except SqlError as problem:
        raise UsageError(
            marked("--where: {text}", text=problem.message), hint=problem.hint or "a condition like amount > 0"
        ) from None
    _run(text, "--where", pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), [pl.DataFrame()], boolean=True)


def condition(text: str, frame: pl.DataFrame, known: Mapping[str, pl.Series], kinds: Kinds | None = None) -> pl.Series:
    """`--where` for each record; NULL is no match. `known` are columns that were read already (the dates, the
    amounts); `kinds` as in text_of."""
    reads = frozenset(name for name in columns_of(text) if name in frame.columns)
    already = {n: s for n, s in known.items() if n in reads}
    typed = [view.with_columns(**already) for view in _views(frame, reads, kinds)]
    return _run(text, "--where", frame, [*typed, _as_texts(frame, reads)], boolean=True).fill_null(False)


def amount_texts(
    role: Role,
    frame: pl.DataFrame,
    decimals: int,
    mark: str | None,
    typed: frozenset[str],
    kinds: Kinds | None = None,
    back: str | None = None,
) -> AmountTexts:
    """Amounts of a column as plain text, or of an expression in Decimal over the columns that it reads. `kinds` as in
    text_of; `mark` and `back` then are those that the whole log proves."""
    if not role.is_sql:
        read = normalise(frame[role.text], role.text, decimals, mark, role.text in typed, back)
        return AmountTexts(read.plain, _same(role.text, frame), frame[role.text], read.mark, read.currencies)
    numbers: dict[str, pl.Series] = {}
    odd: dict[str, pl.Series] = {}
    marks: set[str] = set()
    currencies: set[str] = set()
    for name in sorted(role.reads):
        kind = kinds[name] if kinds else None
        read = normalise(
            frame[name], name, decimals, kind.mark if kind else mark, name in typed, kind.back if kind else None
        )
        filled = frame[name].drop_nulls().len()
        fits = read.plain.str.contains(PLAIN).fill_null(False)
        if kind.is_number if kind else filled and int(fits.sum()) >= 0.5 * filled:
            unread = read.plain.str.starts_with("?").fill_null(False)
            odd |= {name: unread} if unread.any() else {}
            numbers[name] = pl.select(pl.when(fits).then(read.plain)).to_series()
            marks.add(read.mark)
            currencies.update(read.currencies)
    decimals_of = {n: _decimal(s, kinds[n].digits if kinds else None) for n, s in numbers.items()}
    decimal = frame.select(sorted(role.reads)).with_columns(**decimals_of)
    views = [view.with_columns(**decimals_of) for view in _views(frame, role.reads, kinds)]
    result = _run(role.text, flag_of(role.name), frame, [decimal, *views])
    blame = _blame(frame, decimal, sorted(numbers), role.text)
    # A record without a value is `missing` when the column to blame is empty there, else it is bad.
    if result.dtype == pl.String:
        given = "," if any(kind.mark == "," for n, kind in (kinds or {}).items() if n in role.reads) else mark
        text = normalise(result, role.text, decimals, given).plain
    else:
        text = pl.select(_plain_text(result)).to_series()
    for name, unread in sorted(odd.items(), reverse=True):  # never taken for 0, whatever the SQL does with null
        text = pl.select(pl.when(~unread).then(text)).to_series()
        blame = blame.with_columns(
            column=pl.when(unread).then(pl.lit(name)).otherwise("column"),
            value=pl.when(unread).then(frame[name]).otherwise("value"),
        )
    empty = (blame["value"].is_null() | blame["value"].str.to_lowercase().is_in(NULL_LIKE)) & (
        blame["column"] != role.text
    )
    plain = pl.select(pl.coalesce(text, pl.when(~empty).then(pl.lit("?")))).to_series()
    return AmountTexts(plain, blame["column"], blame["value"], "," if "," in marks else ".", tuple(sorted(currencies)))


def _plain_text(result: pl.Series) -> pl.Expr:
    if result.dtype.is_float():
        # An expression that leaves Decimal (ln, sqrt): the shortest text that is this number.
        return pl.when(result.is_finite()).then(result.round(9).cast(pl.Decimal(38, 9), strict=False).cast(pl.String))
    return pl.lit(result.cast(pl.String))


def digits_of(plain: pl.Series) -> int:
    """The most digits after the point."""
    return int(plain.str.extract(r"\.([0-9]*)").str.len_bytes().max() or 0)  # type: ignore[arg-type]


def _decimal(plain: pl.Series, digits: int | None = None) -> pl.Series:
    """Decimal with as many digits after the point as the data have; null beyond 15 before it (a product must fit)."""
    scale = digits_of(plain) if digits is None else digits
    short = plain.str.extract(r"^[+-]?0*([0-9]*)").str.len_bytes() <= LARGEST_DIGITS
    return pl.select(pl.when(short).then(plain.cast(pl.Decimal(38, min(scale, 9)), strict=False))).to_series()


def _blame(frame: pl.DataFrame, decimal: pl.DataFrame, names: list[str], whole: str) -> pl.DataFrame:
    """For each record the first column without a number, and its value; the expression itself when all have one."""
    column, value = pl.lit(whole), pl.lit(None, dtype=pl.String)
    for name in reversed(names):
        missing = decimal[name].is_null()
        column = pl.when(missing).then(pl.lit(name)).otherwise(column)
        value = pl.when(missing).then(frame[name]).otherwise(value)
    index = pl.int_range(pl.len())
    return frame.select(column.alias("column"), value.alias("value"), index.alias("_")).drop("_")


def _same(text: str, frame: pl.DataFrame) -> pl.Series:
    return pl.repeat(text, frame.height, dtype=pl.String, eager=True)


def _as_texts(frame: pl.DataFrame, reads: frozenset[str]) -> pl.DataFrame:
    return frame.select(sorted(reads))


def typed_as(column: pl.Series) -> str:
    """`decimal`, `day` or `time` where all values of the column are such; `empty` without any; else `text`."""
    if column.null_count() == column.len():
        return "empty"
    stripped = column.str.strip_chars(" ")
    patterns = {"decimal": WHOLE_OR_DECIMAL, "day": ISO_DAY, "time": ISO_TIME}
    return next((kind for kind, pattern in patterns.items() if _all_match(stripped, pattern)), "text")


def _as_typed(
    frame: pl.DataFrame, reads: frozenset[str], kinds: Kinds | None = None, empty: pl.DataType = EMPTY[0]
) -> pl.DataFrame:
    """The columns that an expression reads, as Decimal, Date or Datetime where all of their values are such; those
    without any value as `empty`."""
    typed = {}
    for name in sorted(reads):
        column = frame[name].str.strip_chars(" ")
        kind = kinds[name].typed if kinds else typed_as(frame[name])
        if kind == "empty":
            typed[name] = pl.Series(name, [None], dtype=empty).new_from_index(0, frame.height)
        elif kind == "decimal":
            typed[name] = _decimal(column, kinds[name].scale if kinds else None)
        elif kind == "day":
            typed[name] = column.str.to_date("%Y-%m-%d", strict=False)
        elif kind == "time":
            typed[name] = column.str.replace("T", " ").str.to_datetime(
                "%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us"
            )
        else:
            typed[name] = frame[name]
    return pl.DataFrame(typed)


def _views(frame: pl.DataFrame, reads: frozenset[str], kinds: Kinds | None) -> list[pl.DataFrame]:
    """The columns by the types of their values; once for each type that columns without any value may have."""
    without = any((kinds[n].typed if kinds else typed_as(frame[n])) == "empty" for n in reads)
    return [_as_typed(frame, reads, kinds, kind) for kind in (EMPTY if without else EMPTY[:1])]


def _all_match(column: pl.Series, pattern: str) -> bool:
    return bool(column.str.contains(pattern).all())


def _run(text: str, flag: str, frame: pl.DataFrame, views: list[pl.DataFrame], *, boolean: bool = False) -> pl.Series:
    """Evaluates SQL over the first view of the columns on which it is well-typed."""
    first: SqlError | None = None
    everything = {name: pl.String() for name in frame.columns}
    for view in views:
        try:
            expression = compile_sql(text, {**everything, **view.schema}, boolean=boolean)
        except SqlError as problem:
            first = first or problem
            continue
        try:
            result = view.select(expression.alias("result")).to_series()
        except pl.exceptions.PolarsError as problem:
            if "overflow" in str(problem):
                raise InputError(
                    marked("{flag}: a result has more than 38 digits", flag=flag),
                    hint="check the columns for wrong values",
                ) from None
            raise UsageError(
                marked(
                    "{flag}: cannot be computed: {splitlines}", flag=flag, splitlines=str(problem).splitlines()[0][:150]
                )
            ) from None
        return (
            result if len(result) == frame.height else result.extend_constant(None, 0).new_from_index(0, frame.height)
        )
    assert first is not None
    raise UsageError(
        marked("{flag}: {text}", flag=flag, text=first.message),
        hint=first.hint or "a column, or an expression of columns",
    ) from None
