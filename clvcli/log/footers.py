"""A total at the end of a table that looks like a record. It is told apart where it is proved: its amount is the sum of
the records above it. What only looks like one stays a record, and is rejected for its date."""

from collections.abc import Mapping

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked

TOTAL = (
    r"(?i)^\W*(?:grand[ -]?)?(?:totals?|sum|summen?|summa|suma|somme|gesamt(?:summe|betrag)?|endsumme|totale|totaal|"
    r"total (?:g[ée]n[ée]ral|general|geral)|итого|всего|合計|总计)\b[^,;]{0,40}$"
)
TAIL = 5
"""A total stands among the last lines of its file."""


def may_be_totals(rows: pl.DataFrame) -> pl.Series:
    """Whether each record, of text columns, says that it is a total, or is empty but for its amount."""
    cells = rows.select(pl.all().str.strip_chars())
    says = cells.select(pl.any_horizontal(pl.all().str.contains(TOTAL).fill_null(False))).to_series()
    return says | cells.select(pl.sum_horizontal(pl.all().is_not_null()) == 1).to_series()


def totals_notice(file: str, line: int, count: int) -> Notice:
    """What is said of so many totals, the first of them there."""
    text = marked(
        "{file}, line {line} is the total of the records above it: a footer, not a record", file=file, line=line
    )
    return Notice("totals_line", marked("{told} ({n:d} such lines)", told=text, n=count) if count > 1 else text)


def counted(facts: dict[str, object], lines: Mapping[str, int]) -> dict[str, object]:
    """The facts of a file, its totals (`lines`: file -> how many) among the lines of the footer."""
    more = lines.get(str(facts["path"]), 0)
    before = facts.get("footer_lines", 0)
    return {**facts, "footer_lines": int(str(before)) + more} if more else facts
