"""SQL amounts of columns whose cells are plain numbers, as exact whole minor units; the rest is left to
`expressions.py`."""

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.log.amounts import LARGEST
from clvcli.log.columns import Role, flag_of
from clvcli.log.expressions import Kinds
from clvcli.log.ids import BLANKS
from clvcli.log.plain_amounts import text_of_typed
from clvcli.sql import SqlError, compile_sql

NUMBER = r"^[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?$"


@dataclass(frozen=True)
class Evaluated:
    """A row a record: `units` (Int64), null where the expression is left to the careful way; `rounded` (Boolean)."""

    units: pl.Series
    rounded: pl.Series


@lru_cache(maxsize=8)
def _compiled(text: str, schema: tuple[tuple[str, pl.DataType], ...]) -> pl.Expr | None:
    try:
        return compile_sql(text, dict(schema))
    except SqlError:
        return None


def evaluated(frame: pl.DataFrame, role: Role, decimals: int, kinds: Kinds) -> Evaluated:
    """The amounts of an expression. Raises InputError when a result has more than 38 digits."""
    if not role.reads:
        return _constant(frame.height, role, decimals)
    columns: dict[str, pl.Series] = {}
    for name in sorted(role.reads):
        text = frame[name] if frame[name].dtype == pl.String else text_of_typed(frame[name])
        kind = kinds[name]
        if not kind.is_number:
            columns[name] = text
        elif kind.mark == ".":
            number = text.str.strip_chars(BLANKS)
            fits = number.str.contains(NUMBER)
            number = number if fits.all() else pl.select(pl.when(fits).then(number)).to_series()
            columns[name] = number.cast(pl.Decimal(38, min(kind.digits, 9)), strict=False)
        else:
            return _nothing(frame.height)
    table = pl.DataFrame(columns)
    expression = _compiled(role.text, tuple((n, t) for n, t in table.schema.items()))
    if expression is None:
        return _nothing(frame.height)
    try:
        result = table.select(expression.alias("result")).to_series()
    except pl.exceptions.PolarsError as problem:
        if "overflow" in str(problem):
            raise InputError(
                marked("{place}: a result has more than 38 digits", place=flag_of(role.name)),
                hint="check the columns for wrong values",
            ) from None
        return _nothing(frame.height)
    known = [pl.Series(n, c.is_not_null()) for n, c in columns.items() if kinds[n].is_number]
    return _whole_units(result, known, decimals) if isinstance(result.dtype, pl.Decimal) else _nothing(frame.height)


def _constant(height: int, role: Role, decimals: int) -> Evaluated:
    """The same amount for every record. Raises UsageError when it is no number."""
    try:
        result = pl.DataFrame({"r": [0]}).select(compile_sql(role.text, {}).alias("result")).to_series()
        one = _whole_units(result.cast(pl.Decimal(38, 9)), [], decimals)
    except (SqlError, pl.exceptions.PolarsError):
        one = _nothing(1)
    if one.units[0] is None:
        raise UsageError(
            marked("{place}: {text} is no amount", place=flag_of(role.name), text=role.text),
            hint="--amount 1 counts purchases",
        )
    return Evaluated(one.units.new_from_index(0, height), one.rounded.new_from_index(0, height))


def _nothing(height: int) -> Evaluated:
    empty = pl.repeat(None, height, dtype=pl.Int64, eager=True)
    return Evaluated(empty, pl.repeat(False, height, dtype=pl.Boolean, eager=True))


def _whole_units(result: pl.Series, known: list[pl.Series], decimals: int) -> Evaluated:
    """Half away from zero; null where a number is missing or the result is too large."""
    scale = result.dtype.scale  # type: ignore[attr-defined]
    raw = pl.col("result").to_physical().cast(pl.Int128)
    if scale <= decimals:
        units, lost = raw * 10 ** (decimals - scale), pl.lit(False)
    else:
        step = 10 ** (scale - decimals)
        size = (raw.abs() + step // 2) // step
        units, lost = pl.when(raw < 0).then(size * -1).otherwise(size), raw % step != 0
    fits = pl.all_horizontal([units.abs() <= LARGEST, *(pl.col(k.name) for k in known)])
    table = pl.DataFrame([result.alias("result"), *known])
    found = table.select(units=pl.when(fits).then(units).cast(pl.Int64), rounded=(fits & lost).fill_null(False))
    return Evaluated(found["units"], found["rounded"])
