"""Logs in which nobody seems to leave: the limit model, and words for it."""

import numpy as np
import pytest
from models.models_data import Cdnow, distinct

from clvcli.models.base import AT_BOUND
from clvcli.models.registry import names, purchase_model

PLAIN = [name for name in names() if not purchase_model(name).needs]


@pytest.mark.parametrize("name", PLAIN)
def test_nobody_leaves(name: str) -> None:
    """Negative binomial purchases, 2,000 customers: forecasts are near those of the NBD, and it is said."""
    rng = np.random.default_rng(12)
    n, weeks = 2000, 52.0
    x = rng.poisson(rng.gamma(0.9, 1 / 6.0, n) * weeks).astype(float)
    t_x = np.where(x > 0, weeks * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)  # the latest of x uniform moments
    fit = purchase_model(name).fit(distinct(x, t_x, np.full(n, weeks)))
    told = {**dict(fit.notices), **({AT_BOUND: fit.message} if fit.status == AT_BOUND else {})}
    assert any("stop buying for good" in message for message in told.values())
    at = np.array([0.0, 3, 10]), np.array([0.0, 30, 50]), np.full(3, weeks)
    model = purchase_model(name)
    expected = model.p_alive(fit.params, *at) * model.expected_purchases(fit.params, *at, 26.0)
    nbd = (fit.params["r"] + at[0]) / (fit.params["alpha"] + weeks) * 26.0
    assert expected == pytest.approx(nbd, rel=0.2)
    assert fit.params["r"] == pytest.approx(0.9, rel=0.15)


@pytest.mark.parametrize("name", PLAIN)
def test_cdnow_customers_leave(name: str, cdnow: Cdnow) -> None:
    assert purchase_model(name).fit(cdnow.history).notices == ()
