"""The used records themselves, with further values of theirs: what baskets and contracts are made of."""

from collections.abc import Mapping

import polars as pl

from clvcli.log.columns import Role
from clvcli.log.expressions import text_of
from clvcli.log.ids import BLANKS


def used_lines(frame: pl.DataFrame, records: pl.DataFrame, used: pl.Series, roles: Mapping[str, Role]) -> pl.DataFrame:
    """customer_id, day, amount (minor units, as in the record), order, and a String column a role, null where empty.

    Sorted by every column, so that the order of rows and files does not matter. Under --returns net a used record may
    be negative; under reverse (the default) none is.
    """
    texts = {name: text_of(role, frame).str.strip_chars(BLANKS) for name, role in roles.items()}
    lines = records.select(pl.col("customer").alias("customer_id"), "day", "amount", "order").with_columns(**texts)
    lines = lines.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts)
    lines = lines.filter(used)
    return lines.sort(lines.columns, nulls_last=True)
