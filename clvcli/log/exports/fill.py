"""Values that stand on the first of several lines or rows only, carried down to the others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from clvcli.log.exports.within import Within
from clvcli.log.ids import BLANKS
from clvcli.log.text import Block

ENOUGH = 3
"""Orders of several lines that prove how an export writes them."""


@dataclass(frozen=True)
class FilledTable(Within):
    """A table whose `columns_down` are carried down, within the lines of one `order` where there
    is such a column; `nothing`: columns in which those lines have 0. It is read in one block, as a value may
    reach over any number of lines."""

    columns_down: tuple[str, ...]
    order: str | None = None
    nothing: tuple[str, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """One block: the whole file."""
        parts = list(self.inner.blocks())
        if not parts:
            return
        text = b"".join(part.text or b"" for part in parts)
        yield replace(parts[0], stop=parts[-1].stop, lines=text.count(b"\n"), text=text, odd=None)

    def changed(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = [n for n in (*self.columns_down, *self.nothing) if n in frame.columns]
        if self.order is not None and self.order not in frame.columns:
            return frame
        kinds = frame.schema
        filled = frame.with_columns(_given(n, kinds[n]) for n in names)
        order = None if self.order is None else _given(self.order, kinds[self.order])
        down = {n: pl.col(n).forward_fill() if order is None else _of_order(n, order) for n in names}
        return filled.with_columns(
            pl.when(pl.col(n).is_null() & value.is_not_null()).then(_zero(kinds[n])).otherwise(n).alias(n)
            if n in self.nothing
            else value.alias(n)
            for n, value in down.items()
        )


def _given(name: str, kind: pl.DataType) -> pl.Expr:
    """The column with null for blanks."""
    if kind != pl.String:
        return pl.col(name)
    value = pl.col(name).str.strip_chars(BLANKS)
    return pl.when(value.str.len_bytes() > 0).then(value).alias(name)


def _zero(kind: pl.DataType) -> pl.Expr:
    return pl.lit("0") if kind == pl.String else pl.lit(0).cast(kind)


def _of_order(name: str, order: pl.Expr) -> pl.Expr:
    """The column with the value of the line's order where it has none of its own; the same in any order of lines."""
    return pl.coalesce(pl.col(name), pl.when(order.is_not_null()).then(pl.col(name).min().over(order))).alias(name)


def on_first_lines(head: pl.DataFrame, order: str, columns: Iterable[str]) -> list[str]:
    """Columns whose value stands on one line of an order alone, in every order of several lines; of which
    there have to be ENOUGH."""
    if order not in head.columns:
        return []
    names = [n for n in columns if n in head.columns and n != order and not head[n].dtype.is_nested()]
    given = head.select(_given(n, head.schema[n]) for n in (order, *names)).drop_nulls(order)
    counted = given.group_by(order).agg(pl.len().alias("lines_"), *(pl.col(n).count() for n in names))
    several = counted.filter(pl.col("lines_") > 1)
    return [] if several.height < ENOUGH else [n for n in names if several[n].min() == several[n].max() == 1]
