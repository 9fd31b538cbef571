"""Customer ids: text exactly as written, ASCII blanks at the ends removed, null-like ones told from real ones."""

from dataclasses import dataclass

import polars as pl

BLANKS = " \t\r\n\v\f"
NULL_LIKE = (
    "", "null", "(null)", "none", "nil", "nan", "na", "n/a", "#n/a", "<na>", "\\n", "nat", "undefined",
    "#value!", "#ref!", "(blank)", "[null]", "missing",
)  # fmt: skip


@dataclass(frozen=True)
class Ids:
    """`values`: String, null for no id. `trimmed`: records whose id had blanks at its ends; `joined`: ids that this
    made equal to another one."""

    values: pl.Series
    trimmed: int
    joined: int


def clean(raw: pl.Series) -> Ids:
    """Nothing but blanks at the ends is changed: `001` and `1`, `A` and `a` stay two customers."""
    # Unchanged ids are the rule: the distinct ones tell what there is to do.
    stripped = raw.str.strip_chars(BLANKS)
    changed = ((stripped != raw) & (stripped != "")).fill_null(False)
    trimmed = int(changed.sum())
    values = stripped.to_frame("id").select(without_null_like(pl.col("id"))).to_series()
    joined = 0
    if trimmed:
        both = pl.DataFrame({"raw": raw, "id": values}).drop_nulls().unique()
        joined = both.height - both["id"].n_unique()
    return Ids(values, trimmed, joined)


def without_null_like(column: pl.Expr) -> pl.Expr:
    """Null for what means `no id` in exports: NULL, NaN, N/A, ... in any case."""
    # The longest such text has 11 bytes: others need not be put into lower case.
    short = column.str.len_bytes() <= 11
    return pl.when(~(short & column.str.to_lowercase().is_in(NULL_LIKE))).then(column)
