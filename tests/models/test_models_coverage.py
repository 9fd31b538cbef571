"""Do 95 % intervals of the parameters hold the truth 95 times in a hundred?"""

import numpy as np
import pytest
from models.models_data import distinct, simulate

from clvcli.models.base import CONVERGED
from clvcli.models.fitting import interval
from clvcli.models.registry import purchase_model

TRUTH = {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.4}
LOGS, CUSTOMERS = 1000, 3000


@pytest.mark.slow
@pytest.mark.parametrize(("name", "chances"), [("bg-nbd", 0), ("mbg-nbd", 1)])
def test_intervals_cover_the_truth(name: str, chances: int) -> None:
    """1,000 simulated logs of 3,000 customers; 92-98 % is four standard errors of the share around 95 %."""
    rng = np.random.default_rng(2026)
    model = purchase_model(name)
    inside, fits = dict.fromkeys(TRUTH, 0), 0
    for _ in range(LOGS):
        r, alpha, a, b = TRUTH.values()
        x, t_x, T, *_ = simulate(rng, CUSTOMERS, r, alpha, a, b, 78.0, chances=chances)
        fit = model.fit(distinct(x, t_x, T))
        if fit.status != CONVERGED:
            continue
        fits += 1
        for parameter, value in TRUTH.items():
            low, high = interval(fit, parameter)
            inside[parameter] += low <= value <= high
    assert fits > 0.98 * LOGS
    for parameter, count in inside.items():
        assert 0.92 <= count / fits <= 0.98, parameter
