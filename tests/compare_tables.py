"""Small scored tables made by hand."""

from datetime import date
from typing import Any

import polars as pl

from clvcli.commands.compare.pair import CARRIED, Pair, pair_up
from clvcli.output.scored_table import ScoredTable

OLD_DAY, NEW_DAY = date(2026, 1, 31), date(2026, 3, 2)  # 30 days


def table(day: date, rows: list[dict[str, Any]], **manifest: Any) -> ScoredTable:
    """A scored table that stands on `day`; columns that a row lacks are null (`in_control`: false)."""
    full = [{"in_control": False, **dict.fromkeys(CARRIED), **{"in_control": False}, **row} for row in rows]
    frame = pl.DataFrame(full, schema={"customer_id": pl.String, **CARRIED})
    stages = [{"stage": s, "phase": p} for s, p in (("new", "start"), ("regular", "middle"), ("lost", "end"))]
    content = {"clv": "0", "as_of": day.isoformat(), "horizon": "12m", "stages": stages, "arguments": {}, **manifest}
    return ScoredTable(f"{day}.csv", frame, content)


def row(
    customer: str, stage: str, clv: float, spend: float, purchases: int, first: date, last: date, **more: Any
) -> dict[str, Any]:
    """One customer."""
    return {
        "customer_id": customer, "stage": stage, "clv": clv, "total_spend": spend, "purchases": purchases,
        "first_purchase_date": first, "last_purchase_date": last, **more,
    }  # fmt: skip


def small_pair() -> Pair:
    """A and B move, C stays, D vanishes, E appears; see the tests for the arithmetic."""
    jan, nov = date(2026, 1, 21), date(2025, 11, 2)
    old = [
        row("A", "new", 20.0, 50.0, 1, jan, jan),
        row("B", "regular", 100.0, 300.0, 4, nov, date(2026, 1, 11)),
        row("C", "regular", 60.0, 200.0, 2, nov, date(2025, 12, 2)),
        row("D", "lost", 5.0, 40.0, 1, nov, nov),
    ]
    new = [
        row("A", "regular", 75.0, 90.0, 3, jan, date(2026, 2, 20)),
        row("B", "lost", 10.0, 300.0, 4, nov, date(2026, 1, 11)),
        row("C", "regular", 65.0, 260.0, 3, nov, date(2026, 2, 10)),
        row("E", "new", 30.0, 25.0, 1, date(2026, 2, 5), date(2026, 2, 5)),
    ]
    return pair_up(table(OLD_DAY, old), table(NEW_DAY, new))
