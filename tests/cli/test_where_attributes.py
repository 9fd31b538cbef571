"""--where judges records: a column that only --customers has is refused, with what to do instead."""

import pytest
from conftest import ROOT, Clv

DATA = ROOT / "sample_data"


@pytest.mark.parametrize("command", ["score", "economics"])
def test_a_column_of_customers_in_where(clv: Clv, command: str) -> None:
    args = (command, DATA / "transactions.csv", "--customers", DATA / "customers.csv", "-o", "t.csv")
    done = clv(*args, "--where", "channel = 'search'")
    assert done.code == 2
    assert "--where: unknown column channel" in done.err
    assert "channel is a column of --customers" in done.err
    other = clv(*args, "--where", "chanel = 'search'")
    assert (other.code, "of --customers" in other.err) == (2, False)
