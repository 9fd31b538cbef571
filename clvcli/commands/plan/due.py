"""For whom a campaign is due, whether limits or a control group keep it from them or not: what a lift is measured on.

Who is contacted at last depends on caps and capacity; for whom it is due on the table alone. So the customers for whom
a campaign is due, contacted or not, are compared by control group: intention to treat.
"""

import polars as pl

SCHEMA = {
    "customer_id": pl.String, "campaign": pl.String, "action": pl.String, "variant": pl.String,
    "due_date": pl.Date, "in_control": pl.Boolean, "contacted": pl.Boolean,
}  # fmt: skip


def due_list(judged: pl.DataFrame, everybody: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """One row a customer and campaign, in SCHEMA, by customer and campaign: its first call that consent allows.

    `judged`: all calls with `refusal`, those of control customers too; `everybody`: customer_id, variant, withheld
    (in the control group of all campaigns); `contacts`: customer_id, campaign of the calendar.
    """
    made = contacts.select("customer_id", "campaign").unique().with_columns(contacted=pl.lit(value=True))
    return (
        judged.filter(pl.col("refusal").is_null())
        .rename({"withheld": "own"})
        .join(everybody.select("customer_id", "variant", "withheld"), on="customer_id")
        .sort("customer_id", "campaign", "due", "rank", nulls_last=True)
        .unique(["customer_id", "campaign"], keep="first", maintain_order=True)
        .join(made, on=["customer_id", "campaign"], how="left", maintain_order="left")
        .select(
            "customer_id", "campaign", "action", variant=pl.coalesce("own_variant", "variant"), due_date="due",
            in_control=pl.col("withheld") | pl.col("own"), contacted=pl.col("contacted").fill_null(value=False),
        )
        .cast(SCHEMA)  # type: ignore[arg-type]
    )  # fmt: skip
