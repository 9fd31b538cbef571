"""A total at the end of a table that looks like a record. It is told apart where it is proved: its amount is the sum of
the records above it. What only looks like one stays a record, and is rejected for its date."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from clvcli.core.errors import Notice
from clvcli.log.gather import Gathered
from clvcli.log.reading import Reading

TOTAL = (
    r"(?i)^\W*(?:grand[ -]?)?(?:totals?|sum|summen?|summa|suma|somme|gesamt(?:summe|betrag)?|endsumme|totale|totaal|"
    r"total (?:g[ée]n[ée]ral|general|geral)|итого|всего|合計|总计)\b[^,;]{0,40}$"
)
TAIL = 5
"""A total stands among the last lines of its file."""


def find_totals(gathered: Gathered, reading: Reading) -> pl.Series | None:
    """A Boolean for each record, None when there is no total. A total has no date, stands in the tail of its file, says
    so (or is empty but for its amount), and its amount is the sum of all records of the file that are none."""
    records = reading.records
    if not records["date_reason"].is_not_null().any():
        return None
    frame = records.select("amount", dated=pl.col("date_reason").is_null()).with_columns(gathered.place["file"])
    frame = frame.with_columns(tail=pl.int_range(pl.len(), 0, -1).over("file") <= TAIL).with_row_index("row")
    candidates = frame.filter(pl.col("tail") & ~pl.col("dated") & pl.col("amount").is_not_null())
    if not candidates.height:
        return None
    named = candidates.filter(may_be_totals(gathered.frame[candidates["row"]]))
    others = (
        frame.filter(pl.col("dated")).group_by("file").agg(pl.col("amount").sum().alias("sum"), pl.len().alias("n"))
    )
    proved = named.join(others, on="file").filter((pl.col("amount") == pl.col("sum")) & (pl.col("n") > 1))
    if not proved.height:
        return None
    return frame["row"].is_in(proved["row"].implode())


def may_be_totals(rows: pl.DataFrame) -> pl.Series:
    """Whether each record, of text columns, says that it is a total, or is empty but for its amount."""
    cells = rows.select(pl.all().str.strip_chars())
    says = cells.select(pl.any_horizontal(pl.all().str.contains(TOTAL).fill_null(False))).to_series()
    return says | cells.select(pl.sum_horizontal(pl.all().is_not_null()) == 1).to_series()


def totals_notice(file: str, line: int, count: int) -> Notice:
    """What is said of so many totals, the first of them there."""
    more = f" ({count} such lines)" if count > 1 else ""
    text = f"{file}, line {line} is the total of the records above it: a footer, not a record"
    return Notice("totals_line", text + more)


def without(gathered: Gathered, totals: pl.Series) -> Gathered:
    """The records that are no totals. The facts of each file and a notice say what was taken for one."""
    place = gathered.place.filter(totals)
    lines = {str(name): len(group) for (name,), group in place.group_by("file")}
    first = place.row(0, named=True)
    notice = totals_notice(first["file"], first["line"], place.height)
    return replace(
        gathered,
        frame=gathered.frame.filter(~totals),
        place=gathered.place.filter(~totals),
        inputs=tuple(_counted(facts, lines) for facts in gathered.inputs),
        notices=(*gathered.notices, notice),
    )


def _counted(facts: dict[str, object], lines: Mapping[str, int]) -> dict[str, object]:
    more = lines.get(str(facts["path"]), 0)
    before = facts.get("footer_lines", 0)
    return {**facts, "footer_lines": int(str(before)) + more} if more else facts
