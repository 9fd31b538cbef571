"""THE catalogue of output columns: name, type, unit, meaning. Plain data; imports nothing."""

from typing import NamedTuple


class Field(NamedTuple):
    """One output column. `type` is text, integer, number, date or boolean; `when` says when the column is there."""

    name: str
    type: str
    unit: str
    meaning: str
    when: str = "always"


SCHEMA = 1
"""Version of tables and manifests, in every manifest."""

FIELDS: tuple[Field, ...] = (
    Field("customer_id", "text", "", "The id exactly as the log writes it"),
    Field("first_purchase_date", "date", "", "Day of the first purchase; null for a lead"),
    Field("last_purchase_date", "date", "", "Day of the last purchase up to as_of"),
    Field("days_since_last_purchase", "integer", "days", "as_of minus the last purchase: what marketers call recency"),
    Field("purchases", "integer", "purchases", "Days on which the customer bought; 0 for a lead"),
    Field("total_spend", "number", "currency", "Sum of all purchases"),
    Field("avg_purchase_value", "number", "currency", "total_spend / purchases"),
    Field("avg_days_between_purchases", "number", "days", "Mean gap between purchases; null with one purchase"),
    Field("frequency", "integer", "purchases", "Purchases after the first (the models' x)"),
    Field("recency", "number", "time unit", "First purchase to last purchase (the models' t_x)"),
    Field("T", "number", "time unit", "First purchase to as_of: the age of the customer"),
    Field("monetary_value", "number", "currency", "Mean of the repeat purchases; null without one"),
    Field("r_score", "integer", "1-5", "Fifth by days since the last purchase; 5 is the most recent"),
    Field("f_score", "integer", "1-5", "1 for one purchase, else 2-5 by quarter of the repeat buyers' purchases"),
    Field("m_score", "integer", "1-5", "Fifth by total_spend; 5 is the highest"),
    Field("rfm_score", "text", "", 'The three scores side by side, like "543"'),
    Field(
        "p_alive",
        "number",
        "probability",
        "That the customer still buys. BG/NBD says 1 for every one-time buyer: decide on p_purchase",
    ),
    Field("expected_purchases", "number", "purchases", "Expected purchases within the horizon"),
    Field("p_purchase", "number", "probability", "At least one purchase within the horizon"),
    Field("expected_purchase_value", "number", "currency", "Expected value of a purchase to come"),
    Field("clv", "number", "currency", "Expected margin within the horizon, discounted"),
    Field("clv_low", "number", "currency", "5 % quantile of that margin; 0 is common"),
    Field("clv_high", "number", "currency", "95 % quantile of that margin; clv may exceed it"),
    Field("clv_pct", "number", "share", "Share of customers with a lower clv"),
    Field(
        "next_purchase_date",
        "date",
        "",
        "as_of plus the median wait if alive; null when p_alive < 0.5 or over 730 days off",
    ),
    Field("alert_date", "date", "", "First day of silence on which p_alive falls below --alert; null when never"),
    Field("stage", "text", "", "Lifecycle stage of the rules"),
    Field("phase", "text", "", "Phase that the stage belongs to"),
    Field("action", "text", "", "First action of the stage"),
    Field("in_control", "boolean", "", "Left out of campaigns, to measure them"),
    Field("variant", "text", "", "Variant of the campaign"),
    Field(
        "clv_to_cac",
        "number",
        "ratio",
        "clv / acquisition_cost; null where the cost is unknown or 0",
        "acquisition_cost in --customers",
    ),
    Field("model_group", "text", "", "Group whose model was used, or pooled", "--by or --covariates"),
    Field("previous_stage", "text", "", "Stage in the earlier table; null for a new customer", "--previous"),
    Field("stage_changed", "boolean", "", "Stage differs from the earlier one; true for a new customer", "--previous"),
)
