"""Warnings about a lopsided portfolio, where the rules ask for them with `balance`."""

import polars as pl

from clvcli.errors import Notice
from clvcli.lifecycle.compile import Compiled


def balance_notices(compiled: Compiled, table: pl.DataFrame) -> list[Notice]:
    """A Notice for each stage of the rules that is empty or holds more than the share that `balance` allows.

    `table`: the column stage, one row per customer. `otherwise` is not judged.
    """
    wanted = compiled.rules.balance
    if table.is_empty():
        return []
    counts = dict(table.group_by("stage").agg(pl.len()).iter_rows())
    found = []
    for stage, _ in compiled.stages:
        share = counts.get(stage.stage, 0) / table.height
        if wanted.empty and share == 0:
            message = (
                f"nobody is in stage {stage.stage!r}: the portfolio lacks it, or --customers does not bring its people"
            )
            found.append(Notice("empty_stage", message))
        if wanted.max_share is not None and share > wanted.max_share:
            message = f"{share:.0%} of the customers are in stage {stage.stage!r}: win and develop others besides"
            found.append(Notice("leaning_stage", message))
    return found
