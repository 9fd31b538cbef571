"""Random customers with every column that presets read, for tests of rules."""

import random
from datetime import date, timedelta
from typing import Any

import polars as pl

from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.names import COLUMNS, DERIVED, type_of

AS_OF = date(2024, 12, 31)


def customers(count: int, seed: int = 1, *, model: bool = True) -> pl.DataFrame:
    """Leads and buyers; the model columns are null without `model`. No two columns contradict each other grossly."""
    rng = random.Random(seed)
    return pl.DataFrame([_customer(rng, i, model) for i in range(count)], schema={**COLUMNS, **_derived_schema()})


def _derived_schema() -> dict[str, Any]:
    return {name: kind for name, (kind, _) in DERIVED.items()}


def _customer(rng: random.Random, index: int, model: bool) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys([*COLUMNS, *DERIVED])
    count = rng.choice([0, 1, 1, 1, 2, 2, 3, 5, 12])
    row |= {"customer_id": f"c{index}", "purchases": count, "as_of": AS_OF}
    row["typical_gap"] = None if rng.random() < 0.1 else 80.0
    if count == 0:
        return row
    silent, age = sorted(rng.sample(range(900), 2))
    r, m = rng.randint(1, 5), rng.randint(1, 5)
    f = 1 if count == 1 else rng.randint(2, 5)
    row |= {
        "first_purchase_date": AS_OF - timedelta(days=age),
        "last_purchase_date": AS_OF - timedelta(days=age if count == 1 else silent),
        "days_since_last_purchase": age if count == 1 else silent,
        "total_spend": rng.random() * 1000,
        "avg_days_between_purchases": None if count == 1 else (age - silent) / (count - 1),
        "r_score": r, "f_score": f, "m_score": m, "rfm_score": f"{r}{f}{m}",
        "customer_age_days": age,
        "overdue": rng.choice([None, rng.random() * 8]),
        "spend_trend": rng.choice([None, rng.random() * 2]),
    }  # fmt: skip
    if model:
        share = rng.random()
        row |= {
            "p_alive": rng.random(), "p_purchase": rng.random(), "clv": share * 100, "clv_pct": share,
            "p_purchase_vs_average": rng.random() * 2, "value_share": share / 1000,
            "next_purchase_date": rng.choice([None, AS_OF + timedelta(days=rng.randint(1, 700))]),
        }  # fmt: skip
    return row


def with_attributes(frame: pl.DataFrame, rules: Rules, seed: int = 2) -> pl.DataFrame:
    """Random values, a third of them null, of every attribute that the rules declare; no left_reason for most."""
    rng = random.Random(seed)

    def value(kind: str) -> Any:
        if rng.random() < 1 / 3:
            return None
        return {
            "text": rng.choice(["a", "b"]),
            "number": rng.random() * 2 - 0.5,
            "integer": rng.randint(0, 5),
            "date": AS_OF + timedelta(days=rng.randint(-500, 200)),
            "boolean": rng.random() < 0.5,
        }[kind]

    columns = [
        pl.Series(name, [value(a.type) for _ in range(frame.height)], dtype=type_of(a.type))
        for name, a in rules.attributes.items()
    ]
    return frame.with_columns(columns)


def attribute_types(rules: Rules) -> dict[str, pl.DataType]:
    """The schema that a file with every declared attribute gives."""
    return {name: type_of(a.type) for name, a in rules.attributes.items()}
