"""Who bought."""

import polars as pl

from clvcli.engines.buyers import buyers_of


def test_leads_are_left_out_and_nothing_is_copied_where_there_are_none() -> None:
    customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "purchases": [2, 0, 1]})
    assert buyers_of(customers)["customer_id"].to_list() == ["a", "c"]
    buyers = customers.filter(pl.col("purchases") > 0)
    assert buyers_of(buyers) is buyers
    assert buyers_of(customers.head(0)).is_empty()
