"""Who bought, among the customers: leads, who did not, are in the table too."""

import polars as pl


def buyers_of(customers: pl.DataFrame) -> pl.DataFrame:
    """The rows with purchases; the frame itself where all have some: its copy costs more than the look."""
    bought = customers["purchases"] > 0
    return customers if bool(bought.all()) else customers.filter(bought)
