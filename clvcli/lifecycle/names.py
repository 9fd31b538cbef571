"""The names that conditions may use: output columns up to the stage, and the fields that derived.py computes."""

import polars as pl

from clvcli.core.fields import FIELDS

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "date": pl.Date(),
    "boolean": pl.Boolean(),
}
_AFTER = ("stage", "phase", "action", "in_control", "variant")

COLUMNS: dict[str, pl.DataType] = {
    f.name: _TYPES[f.type] for f in FIELDS if f.when == "always" and f.name not in _AFTER
}
"""Output columns that exist before the stage is known."""

DERIVED: dict[str, tuple[pl.DataType, str]] = {
    "as_of": (pl.Date(), "the day on which the run stands"),
    "customer_age_days": (pl.Int64(), "as_of minus the first purchase"),
    "typical_gap": (pl.Float64(), "days; 75th percentile of the observed gaps between first and second purchase"),
    "overdue": (pl.Float64(), "days_since_last_purchase over the customer's own rhythm; above 1 is late"),
    "p_purchase_vs_average": (pl.Float64(), "p_purchase over its mean"),
    "value_at_stake": (pl.Float64(), "clv * (1 - p_alive): what silence puts at stake of what is expected"),
    "value_share": (pl.Float64(), "clv over the sum of all clv"),
    "clv_to_cac": (pl.Float64(), "clv over acquisition_cost, a column of --customers; null without one"),
    "spend_trend": (pl.Float64(), "mean of the last three purchases over the mean of the earlier ones"),
}
"""Derived field -> type and meaning."""

COST = "acquisition_cost"
"""The attribute with what it cost to win a customer."""

CONTACTABLE = "contactable"
"""Always there for conditions, never null: e-mail, phone or address present, or the column itself."""

LEFT = "left"
"""The phase of those who left for reasons of their own, like the stage left-natural: nothing is expected of them."""

RESERVED = frozenset({f.name for f in FIELDS} | set(DERIVED))


def type_of(name: str) -> pl.DataType:
    """The column type of an attribute type: text, integer, number, date, boolean."""
    return _TYPES[name]
