"""Parts that the tests of whole models reach only by way of others: held against their definitions."""

import mpmath as mp
import numpy as np
import pytest
from models.models_data import Cdnow

from clvcli.models.base import CONVERGED, UNIT_WEEKS, Fit, History, Spending
from clvcli.models.fitting import covariance, interval, sample, standard_errors
from clvcli.models.pareto import _count_up
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import names, purchase_model, spend_model
from clvcli.models.special import _drop, _drops


def test_the_calendar_of_the_contract() -> None:
    """1, 7, 30.4375 and 365.25 days."""
    assert {unit: weeks * 7 for unit, weeks in UNIT_WEEKS.items()} == pytest.approx(
        {"day": 1, "week": 7, "month": 30.4375, "year": 365.25}, rel=1e-15
    )


@pytest.mark.parametrize(("a", "b"), [(0.3, 2.0), (50.0, 0.7), (1e-6, 1e4), (1e5, 1e5)])
def test_the_density_of_logit_p_beside_its_mode(a: float, b: float) -> None:
    """Log of p^a (1 - p)^b at the mode + delta, less that at the mode, by mpmath; one formula near and another far."""
    with mp.workdps(50):
        mode = mp.log(a) - mp.log(b)

        def log_density(y: mp.mpf) -> mp.mpf:
            return -a * mp.log1p(mp.exp(-y)) - b * mp.log1p(mp.exp(y))

        deltas = [-40.0, -3.0, 0.0, 0.5, 29.9, 30.1, 60.0]
        wanted = [float(log_density(mode + d) - log_density(mode)) for d in deltas]
    tolerance = 1e-9 * max(1.0, a, b)
    assert [_drop(d, a, b) for d in deltas] == pytest.approx(wanted, rel=1e-9, abs=tolerance)
    assert _drops(np.array(deltas), a, b).tolist() == pytest.approx(wanted, rel=1e-9, abs=tolerance)


@pytest.mark.parametrize("basis", ["all", "repeat"])
def test_the_likelihood_of_spend_customer_by_customer(cdnow: Cdnow, basis: str) -> None:
    """It sums up to that of the fit, and is the density of note 025."""
    model, spending = spend_model("gamma-gamma"), cdnow.spending(basis)
    fit = model.fit(spending)
    each = model.log_likelihood(fit.params, spending.n, spending.mean)
    assert float(spending.weight @ each) == pytest.approx(fit.log_likelihood, abs=1e-6)
    p, q, v = (mp.mpf(fit.params[name]) for name in ("p", "q", "v"))
    for row in range(0, spending.n.size, 200):
        x, m = mp.mpf(spending.n[row]), mp.mpf(spending.mean[row])
        density = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q) + q * mp.log(v)
        density += (p * x - 1) * mp.log(m) + p * x * mp.log(x) - (p * x + q) * mp.log(x * m + v)
        assert each[row] == pytest.approx(float(density), rel=1e-9)


@pytest.mark.parametrize("name", [n for n in names() if not purchase_model(n).needs])
def test_within_no_time_nobody_buys(name: str, cdnow: Cdnow) -> None:
    model, history = purchase_model(name), cdnow.history
    fit = model.fit(history)
    few = (history.x[:5], history.t_x[:5], history.T[:5])
    assert model.pmf(fit.params, *few, 0.0, 3).tolist() == [[1.0, 0.0, 0.0, 0.0]] * 5
    assert model.p_no_purchase(fit.params, *few, 0.0).tolist() == [1.0] * 5
    assert model.expected_purchases(fit.params, *few, 0.0).tolist() == [0.0] * 5


def test_many_amounts_start_from_a_sample_and_end_where_all_of_them_do() -> None:
    """At the maximum of all rows the slope is nothing: the likelihood falls on both sides of each parameter."""
    random = np.random.default_rng(3)
    n = random.geometric(0.4, 50_000).astype(float)
    mean = random.gamma(6.0 * n, 1 / random.gamma(4.0, 1 / 18.0, n.size)) / n
    model, spending = spend_model("gamma-gamma"), Spending(n, mean, np.ones(n.size))
    fit = model.fit(spending)
    assert fit.params == pytest.approx({"p": 6.0, "q": 4.0, "v": 18.0}, rel=0.05)
    top = float(model.log_likelihood(fit.params, n, mean).sum())
    assert top == pytest.approx(fit.log_likelihood, abs=1e-4)
    for name, value in fit.params.items():
        for factor in (0.999, 1.001):
            assert float(model.log_likelihood({**fit.params, name: value * factor}, n, mean).sum()) < top


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", [n for n in names() if not purchase_model(n).needs])
def test_at_the_end_of_the_alert_wait_the_chance_to_be_alive_is_the_threshold(
    name: str, threshold: float, cdnow: Cdnow
) -> None:
    model, history = purchase_model(name), cdnow.history
    params = model.fit(history).params
    x, t_x = history.x[::5], history.t_x[::5]
    wait = model.alert_wait(params, x, t_x, threshold)
    ends = np.isfinite(wait) & (wait > 0)
    assert ends.sum() > 10
    alive = model.p_alive(params, x[ends], t_x[ends], t_x[ends] + wait[ends])
    assert alive.tolist() == pytest.approx([threshold] * int(ends.sum()), abs=1e-6)


@pytest.mark.parametrize("name", [n for n in names() if not purchase_model(n).needs])
def test_in_another_unit_the_likelihood_shifts_by_the_unit_alone(name: str, cdnow: Cdnow) -> None:
    """Time times c: each parameter times c to its power, and lnL less sum(x) ln c."""
    model, history, c = purchase_model(name), cdnow.history, 7.0
    params = model.fit(history).params
    scaled = {parameter: value * c ** model.time_powers.get(parameter, 0) for parameter, value in params.items()}
    stretched = History(history.x, history.t_x * c, history.T * c, history.weight)
    shifted = model.log_likelihood(scaled, stretched) + history.x * np.log(c)
    assert shifted.tolist() == pytest.approx(model.log_likelihood(params, history).tolist(), rel=1e-9)


@pytest.mark.parametrize("k_max", [0, 7])
def test_counts_in_logs_are_those_without(k_max: int) -> None:
    """A moment of next to no weight makes the sums go by logs; it adds nothing."""
    random = np.random.default_rng(2)
    nu, logs, log_ratio = (
        random.uniform(0.1, 30, 5)[:, None],
        random.uniform(-9, 0, (5, 4)),
        -random.uniform(0.01, 5, 4),
    )
    plain = _count_up(logs, log_ratio, nu, k_max)
    far = _count_up(np.pad(logs, ((0, 0), (0, 1)), constant_values=-700.0), np.append(log_ratio, 0.0), nu, k_max)
    assert far == pytest.approx(plain, rel=1e-12)
    with mp.workdps(30):
        for row, k in [(0, 0), (3, k_max)]:
            rising = mp.rf(mp.mpf(float(nu[row, 0])), k) / mp.factorial(k)
            terms = [mp.exp(mp.mpf(a) + k * mp.mpf(b)) for a, b in zip(logs[row], log_ratio, strict=True)]
            assert plain[row, k] == pytest.approx(float(rising * mp.fsum(terms)), rel=1e-12)


def test_errors_and_intervals_of_parameters_are_those_of_their_logs() -> None:
    """The inverse of minus the Hessian in the logs; none where it is flat or no maximum."""
    curve = -np.array([[4.0, 1.0], [1.0, 9.0]])
    found = covariance(curve)
    assert found is not None
    assert found == pytest.approx(np.linalg.inv(-curve), rel=1e-12)
    errors = standard_errors(np.log([2.0, 5.0]), found)
    assert errors == pytest.approx([2.0 * np.sqrt(9 / 35), 5.0 * np.sqrt(4 / 35)], rel=1e-12)
    for bad in (-curve, np.full((2, 2), np.nan), np.diag([-1.0, -1e-9])):
        assert covariance(bad) is None
    assert standard_errors(np.zeros(2), None) == [None, None]
    fit = Fit("m", {"r": 2.0, "a": 3.0}, {"r": 0.5, "a": None}, 0.0, CONVERGED)
    assert interval(fit, "r") == pytest.approx((2 / np.exp(1.959963985 / 4), 2 * np.exp(1.959963985 / 4)), rel=1e-9)
    assert interval(fit, "r", 0.5) == pytest.approx((2 / np.exp(0.67448975 / 4), 2 * np.exp(0.67448975 / 4)), rel=1e-8)
    assert interval(fit, "a") == (0.0, np.inf)


@pytest.mark.parametrize(
    ("rows", "size", "step"), [(10, 10, 1), (11, 10, 2), (20, 10, 2), (21, 10, 3), (3, 10, 1), (0, 9, 1)]
)
def test_a_sample_is_every_kth_row(rows: int, size: int, step: int) -> None:
    assert sample(rows, size) == slice(0, rows, step)


@pytest.mark.parametrize(("customers", "few"), [(2.0, True), (3.0, False)])
def test_fewer_than_three_customers_teach_nothing_of_how_spend_varies(customers: float, few: bool) -> None:
    spending = Spending(np.array([2.0, 5.0]), np.array([10.0, 30.0]), np.array([1.0, customers - 1]))
    assert ("spend_few_customers" in dict(spend_model("gamma-gamma").fit(spending).notices)) is few


def test_where_the_average_is_undetermined_p_and_q_are_the_best_of_those_that_hold_it() -> None:
    random = np.random.default_rng(5)
    n = random.geometric(0.5, 300).astype(float)
    mean = random.gamma(3.0 * n, 1 / random.gamma(0.9, 1 / 20.0, n.size)) / n
    fit = spend_model("gamma-gamma").fit(Spending(n, mean, np.ones(n.size)))
    assert "spend_mean_held" in dict(fit.notices)
    p, q, v = (fit.params[name] for name in ("p", "q", "v"))
    average = float(mean.mean())
    assert p * v / (q - 1) == pytest.approx(average, rel=1e-9)

    def value(p: float, above: float) -> float:
        params = {"p": p, "q": 1 + above, "v": average * above / p}
        return float(spend_model("gamma-gamma").log_likelihood(params, n, mean).sum())

    top = value(p, q - 1)
    assert fit.log_likelihood == pytest.approx(top, abs=1e-6)
    for factor in (0.99, 1.01):
        assert value(p * factor, q - 1) < top
        assert value(p, (q - 1) * factor) < top


def test_who_paid_nothing_yet_spends_in_units_of_v() -> None:
    """n = 0: the mean of nothing, whatever it says, does not count."""
    purchase = Fit("bg-nbd", {"r": 2.0, "alpha": 4.0, "a": 0.5, "b": 2.5}, {}, 0.0, CONVERGED)
    one, two = np.array([3.0, 3.0, 3.0]), np.array([20.0] * 3)
    spends = [Fit("gamma-gamma", {"p": 6.25, "q": 3.74, "v": v}, {}, 0.0, CONVERGED) for v in (1.0, 15.4)]
    unit, money = (
        spend_quantiles(
            purchase, spend, x=one, t_x=two, T=two + 3, p_alive=np.full(3, 0.9), n=np.zeros(3),
            mean=np.array([0.0, np.nan, 7.0]), t=52.0,
        )
        for spend in spends
    )  # fmt: skip
    for low, high in zip(unit, money, strict=True):
        assert high == pytest.approx(low * 15.4, rel=1e-9)
    assert unit[1][0] > 0
