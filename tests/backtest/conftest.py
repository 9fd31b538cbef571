"""Logs that the tests of the backtest share, built once."""

import polars as pl
import pytest
from backtest.backtest_logs import cdnow_purchases, seasonal_purchases


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """Purchases of the CDNOW sample."""
    return cdnow_purchases()


@pytest.fixture(scope="session")
def seasonal() -> pl.DataFrame:
    """Four years of a shop with a strong December."""
    return seasonal_purchases()
