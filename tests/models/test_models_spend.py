"""Gamma-Gamma where it is hard, and the predictive quantiles of spend against brute force and simulation."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from models.models_data import Cdnow, distinct_spending, simulate
from scipy.special import betainc
from scipy.stats import kstest

from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, Array, Fit, Spending
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import purchase_model, spend_model

MODEL = spend_model("gamma-gamma")
SPEND = Fit("gamma-gamma", {"p": 9.88, "q": 3.4, "v": 7.93}, {}, None, CONVERGED)
PURCHASE = Fit("bg-nbd", {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, {}, None, CONVERGED)


def seen(n: list[float], mean: list[float]) -> Spending:
    return Spending(np.array(n), np.array(mean), np.ones(len(n)))


def test_fit_recovers_the_parameters() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(1, 6, 40_000).astype(float)
    mean = rng.gamma(6 * n) / rng.gamma(4.0, 1 / 15.0, n.size) / n
    fit = MODEL.fit(distinct_spending(n, mean))
    assert fit.status == CONVERGED
    for name, truth in (("p", 6.0), ("q", 4.0), ("v", 15.0)):
        error = fit.std_errors[name]
        assert error is not None
        assert abs(fit.params[name] - truth) < 4 * error


def test_amounts_in_cents_only_change_v(cdnow: Cdnow) -> None:
    spending = cdnow.spending("all")
    euros, cents = MODEL.fit(spending), MODEL.fit(Spending(spending.n, 100 * spending.mean, spending.weight))
    assert cents.params["p"] == pytest.approx(euros.params["p"], rel=1e-5)
    assert cents.params["q"] == pytest.approx(euros.params["q"], rel=1e-5)
    assert cents.params["v"] == pytest.approx(100 * euros.params["v"], rel=1e-5)


def test_constant_spend_predicts_the_constant() -> None:
    fit = MODEL.fit(seen([1, 2, 5, 9], [12.5] * 4))
    assert fit.status == AT_BOUND
    assert fit.notices[0][0] == "constant_spend"
    assert MODEL.expected_value(fit.params, np.array([0.0, 1, 40]), np.array([0, 12.5, 12.5])) == pytest.approx(
        [12.5] * 3
    )


def test_infinite_mean_is_held_and_said() -> None:
    """Pareto amounts with tail index 0.7: q below 1, where peers return -251 or NaN for one-time buyers."""
    mean = np.random.default_rng(0).pareto(0.7, 500) + 0.01
    fit = MODEL.fit(Spending(np.ones(500), np.sort(mean), np.ones(500)))
    assert fit.notices[0][0] == "spend_mean_held"
    assert fit.params["q"] > 1
    value = MODEL.expected_value(fit.params, np.array([0.0, 1, 1]), np.array([0.0, 1, 1000]))
    assert value[0] == pytest.approx(mean.mean())
    assert 0 < value[1] < value[2] < np.inf


def test_written_parameters_without_a_mean_give_the_median() -> None:
    """v = 10, p = 1, q = 1 / 2: P(S <= s) = 1 - (1 + s / v)^-q, so the median is v (2^2 - 1) = 30."""
    params = {"p": 1.0, "q": 0.5, "v": 10.0}
    assert MODEL.expected_value(params, np.array([0.0]), np.array([0.0]))[0] == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("slope", "words"), [(0.0, None), (0.6, "spend more a purchase"), (-0.6, "spend less a purchase")]
)
def test_independence_is_checked(slope: float, words: str | None) -> None:
    """Frequency and spend unrelated, or an elasticity of 0.6 either way. p = 1: ln mean leans on n all the same."""
    rng = np.random.default_rng(6)
    n = rng.geometric(0.3, 20_000).astype(float)
    mean = rng.gamma(1.0 * n) / rng.gamma(4.0, 1 / 15.0, n.size) / n * n**slope
    notices = dict(MODEL.fit(distinct_spending(n, mean)).notices)
    assert set(notices) == (set() if words is None else {"spend_depends_on_frequency"})
    if words is not None:
        assert words in notices["spend_depends_on_frequency"]


def test_independence_holds_on_cdnow(cdnow: Cdnow) -> None:
    for basis in ("all", "repeat"):
        assert MODEL.fit(cdnow.spending(basis)).notices == ()


@pytest.mark.parametrize(("n", "mean"), [([], []), ([0.0, 0.0], [0.0, 0.0]), ([1.0], [0.0])])
def test_no_amounts(n: list[float], mean: list[float]) -> None:
    fit = MODEL.fit(seen(n, mean))
    assert fit.status == INSUFFICIENT
    assert "above zero" in fit.message


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.floats(0.01, 1e7) | st.sampled_from([0.01, 5.0, 100.0])),
        min_size=1,
        max_size=30,
    )
)
def test_any_amounts_predict_finite_values(rows: list[tuple[int, float]]) -> None:
    n, mean = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    fit = MODEL.fit(Spending(n, mean, np.ones(n.size)))
    value = MODEL.expected_value(fit.params, np.append(n, 0.0), np.append(mean, 0.0))
    assert fit.usable
    assert np.isfinite(value).all()
    assert (value > 0).all()
    assert bool(fit.message) == (fit.status == AT_BOUND)


def test_one_time_buyers_differ_by_what_they_bought(cdnow: Cdnow) -> None:
    fit = MODEL.fit(cdnow.spending("all"))
    n, mean = cdnow.seen("all")
    once = np.unique(mean[n == 1])
    value = MODEL.expected_value(fit.params, np.ones(once.size), once)
    assert (np.diff(value) > 0).all()


def _below(s: Array, p_alive: Array, counts: Array, n: Array, mean: Array, spend: Fit) -> Array:
    """P(S <= s) by the full sum over k."""
    p, q, v = (spend.params[name] for name in ("p", "q", "v"))
    k = np.arange(1, counts.shape[1])
    rows = []
    for i in range(s.size):
        z = s[i] / (s[i] + v + n[i] * mean[i])
        rows.append(counts[i, 0] + counts[i, 1:] @ betainc(p * k, q + p * n[i], z))
    return np.asarray(1 - p_alive + p_alive * np.array(rows))


@pytest.mark.parametrize(("p", "q", "v"), [(9.88, 3.4, 7.93), (0.5, 2.0, 30.0), (60.0, 40.0, 20.0)])
@pytest.mark.parametrize(("largest", "t"), [(8, 52.0), (60, 26.0), (900, 104.0)])
def test_quantiles_hold_their_probability(p: float, q: float, v: float, largest: int, t: float) -> None:
    """Within 0.001 of the nominal probability, over rare and busy customers; 0 where the atom holds the quantile."""
    rng = np.random.default_rng(3)
    model, spend = purchase_model("bg-nbd"), Fit("gamma-gamma", {"p": p, "q": q, "v": v}, {}, None, CONVERGED)
    days = rng.integers(1, 1500, 25)
    x, T = np.minimum(rng.integers(0, largest, 25), days).astype(float), days / 7
    t_x = np.where(x > 0, T * rng.uniform(0.97, 1.0, 25), 0.0)
    mean, n = rng.gamma(4.0, 8.0, 25), x + 1
    alive = model.p_alive(PURCHASE.params, x, t_x, T)
    both = spend_quantiles(PURCHASE, spend, x=x, t_x=t_x, T=T, p_alive=alive, n=n, mean=mean, t=t)
    counts = model.pmf(PURCHASE.params, x, t_x, T, t, 5_000)
    for s, level in zip(both, (0.05, 0.95), strict=True):
        below = _below(s, alive, counts, n, mean, spend)
        assert below[s > 0] == pytest.approx(np.full((s > 0).sum(), level), abs=1e-3)
        assert (below[s == 0] >= level - 1e-3).all()


def test_quantiles_of_constant_spend_count_purchases() -> None:
    fit = MODEL.fit(seen([1, 2, 3], [20.0] * 3))
    x, T = np.array([5.0, 9.0]), np.array([30.0, 30.0])
    model = purchase_model("bg-nbd")
    low, high = spend_quantiles(
        PURCHASE, fit, x=x, t_x=T - 1, T=T, p_alive=np.ones(2), n=x + 1, mean=np.full(2, 20.0), t=26.0
    )
    cdf = np.cumsum(model.pmf(PURCHASE.params, x, T - 1, T, 26.0, 200), axis=1)
    for value, level in ((low, 0.05), (high, 0.95)):
        want = [20.0 * int(np.argmax(row >= level)) for row in cdf]
        assert value == pytest.approx(want, rel=1e-6)


def test_quantiles_do_not_depend_on_company() -> None:
    """The same customer alone and among others, in another order."""
    rng = np.random.default_rng(9)
    x, T = rng.integers(0, 12, 300).astype(float), rng.integers(1, 200, 300) / 7
    alive, mean = rng.uniform(0, 1, 300), rng.gamma(3.0, 9.0, 300)

    def high(i: npt.NDArray[np.int64]) -> Array:
        return spend_quantiles(
            PURCHASE, SPEND, x=x[i], t_x=T[i], T=T[i], p_alive=alive[i], n=x[i], mean=mean[i], t=52.0
        )[1]

    whole, some = high(np.arange(300)), rng.permutation(300)[:40]
    assert high(some) == pytest.approx(whole[some], rel=1e-9)


def test_predictive_distribution_is_that_of_simulated_customers() -> None:
    """Randomised probability integral transform of 20,000 simulated customers' spend is uniform (KS p > .01)."""
    rng = np.random.default_rng(20)
    customers, ahead = 20_000, 26.0
    x, t_x, T, rate, p, alive = simulate(rng, customers, 0.8, 6.0, 0.8, 2.4, 52.0)
    scale = rng.gamma(3.4, 1 / 7.93, customers)
    n = x + 1
    mean = rng.gamma(9.88 * n) / scale / n
    bought = _future(rng, rate, p, alive, ahead)
    total = np.where(bought > 0, rng.gamma(9.88 * np.maximum(bought, 1)) / scale, 0.0)
    fit = Fit("bg-nbd", {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.4}, {}, None, CONVERGED)
    model = purchase_model("bg-nbd")
    p_alive = model.p_alive(fit.params, x, t_x, T)
    counts = model.pmf(fit.params, x, t_x, T, ahead, 300)
    upper = _below(total, p_alive, counts, n, mean, SPEND)
    atom = 1 - p_alive + p_alive * counts[:, 0]
    pit = np.where(total > 0, upper, atom * rng.random(customers))
    assert kstest(pit, "uniform").pvalue > 0.01
    some = rng.permutation(customers)[:4000]
    low, high = spend_quantiles(
        fit, SPEND, x=x[some], t_x=t_x[some], T=T[some], p_alive=p_alive[some], n=n[some], mean=mean[some], t=ahead
    )
    assert (total[some] > high).mean() == pytest.approx(0.05, abs=0.011)  # 3 standard errors
    assert (pit[some] < 0.05).mean() == pytest.approx(0.05, abs=0.011)
    assert ((low == 0) == (atom[some] >= 0.05)).mean() > 0.999


def _future(rng: np.random.Generator, rate: Array, p: Array, alive: Array, weeks: float) -> Array:
    """Purchases in the next weeks, purchase by purchase."""
    bought, clock = np.zeros(rate.size), np.zeros(rate.size)
    going = np.flatnonzero(alive)
    while going.size:
        clock[going] += rng.exponential(1 / rate[going])
        going = going[clock[going] <= weeks]
        bought[going] += 1
        going = going[rng.random(going.size) >= p[going]]
    return bought
