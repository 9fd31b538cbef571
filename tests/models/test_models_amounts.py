"""Gamma-Gamma on single amounts: the likelihood of all amounts of a customer, and what it tells that means do not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models.models_data import Cdnow, distinct_spending
from mpmath import mp
from scipy.optimize import minimize
from scipy.special import gammaln

from clvcli.models.base import AT_BOUND, CONVERGED, Array, Spending
from clvcli.models.registry import spend_model
from clvcli.models.within import stirling_rest

MODEL = spend_model("gamma-gamma")


def of_amounts(customers: Sequence[Array]) -> Spending:
    """What the model sees of the amounts of each customer, every customer a row."""
    n = np.array([one.size for one in customers], dtype=float)
    mean, logs = (np.array([f(one).mean() for one in customers]) for f in (np.asarray, np.log))
    return distinct_spending(n, mean, logs)


def by_means(spending: Spending) -> Spending:
    return replace(spending, log_mean=None)


def drawn(seed: int, customers: int = 2_000, *, p: float = 6.0, tie: float = 0.0, often: float = 0.3) -> Spending:
    """Amounts are Gamma(p) times a scale, 1 / scale ~ Gamma(4, 15), that goes with the number of purchases^tie."""
    rng = np.random.default_rng(seed)
    n = rng.geometric(often, customers)
    scale = n**tie / rng.gamma(4.0, 1 / 15.0, customers)
    return of_amounts([rng.gamma(p, size=k) * s for k, s in zip(n, scale, strict=True)])


@pytest.mark.parametrize("often", [0.15, 0.6])
@pytest.mark.parametrize("tie", [-0.5, 0.0, 0.5, 1.0])
def test_p_is_recovered_however_often_customers_buy(tie: float, often: float) -> None:
    """Within a tenth, also where spend goes with frequency, which means take for another p."""
    assert MODEL.fit(drawn(1, tie=tie, often=often)).params["p"] == pytest.approx(6.0, rel=0.1)


def test_means_take_a_tie_of_spend_and_frequency_for_another_p() -> None:
    """The reason for single amounts; should it not hold any more, neither does the reason."""
    fitted = [MODEL.fit(by_means(drawn(1, tie=tie))).params["p"] for tie in (0.5, -0.5)]
    assert fitted[0] < 3
    assert fitted[1] > 12


@pytest.mark.parametrize(("p", "q", "v"), [(6.0, 4.0, 15.0), (0.7, 1.3, 40.0), (250.0, 3.0, 0.2)])
def test_the_likelihood_is_the_integral_over_nu(p: float, q: float, v: float) -> None:
    """Amounts are Gamma(p, nu) given nu ~ Gamma(q, v): integrated by mpmath to 25 digits, for 1 to 4 amounts."""
    rng = np.random.default_rng(4)
    for n in (1, 2, 3, 4):
        amounts = rng.gamma(p, size=n) * v / rng.gamma(q)
        with mp.workdps(25):
            known = [mp.mpf(float(a)) for a in amounts]

            def density(nu: "mp.mpf", known: "list[mp.mpf]" = known) -> "mp.mpf":
                each = [p * mp.log(nu) + (p - 1) * mp.log(z) - nu * z - mp.loggamma(p) for z in known]
                prior = q * mp.log(v) + (q - 1) * mp.log(nu) - v * nu - mp.loggamma(q)
                return mp.exp(mp.fsum(each) + prior)

            mode = (n * p + q - 1) / (v + mp.fsum(known))
            wide = mode / mp.sqrt(n * p + q)
            points = [0, *(max(mode + k * wide, mode / 100) for k in (-6, -2, 0, 2, 6, 20)), mode * 50, mp.inf]
            wanted = float(mp.log(mp.quad(density, sorted(set(points)))))
        seen = np.array([float(n)]), np.array([amounts.mean()]), np.array([np.log(amounts).mean()])
        assert MODEL.log_likelihood({"p": p, "q": q, "v": v}, *seen)[0] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_what_is_left_of_stirling_keeps_its_digits() -> None:
    for x in (1e-3, 0.3, 1.0, 7.7, 19.99, 20.01, 1e3, 1e6, 1e12):
        with mp.workdps(40):
            wanted = mp.loggamma(x) - ((x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2)
        assert float(stirling_rest(np.array(x))) == pytest.approx(float(wanted), rel=1e-11)


def test_the_fit_of_cdnow_is_that_of_another_optimiser(cdnow: Cdnow) -> None:
    """The sum of the terms as they stand in the text-book, by a simplex."""
    n, mean = cdnow.seen("amounts")
    paid = n > 0
    n, total, logs = n[paid], (n * mean)[paid], (n * cdnow.log_mean())[paid]

    def loss(theta: Array) -> float:
        p, q, v = np.exp(theta)
        own = (p - 1) * logs - n * gammaln(p) + gammaln(n * p + q) - gammaln(q) + q * np.log(v)
        return -float((own - (n * p + q) * np.log(v + total)).sum())

    best = minimize(loss, np.log([5.0, 4.0, 20.0]), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8})
    fit = MODEL.fit(cdnow.spending("amounts"))
    assert fit.status == CONVERGED
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-5)
    assert [fit.params[name] for name in ("p", "q", "v")] == pytest.approx(np.exp(best.x), rel=1e-4)


def test_errors_are_those_of_repeated_draws() -> None:
    """Standard errors of p against its scatter over 40 draws."""
    fits = [MODEL.fit(drawn(seed, 400)) for seed in range(40)]
    scatter = np.std([fit.params["p"] for fit in fits])
    assert np.mean([fit.std_errors["p"] or 0.0 for fit in fits]) == pytest.approx(scatter, rel=0.35)


def test_amounts_in_cents_only_change_v() -> None:
    euros = drawn(2, 500)
    assert euros.log_mean is not None
    cents = replace(euros, mean=100 * euros.mean, log_mean=euros.log_mean + np.log(100.0))
    one, other = MODEL.fit(euros), MODEL.fit(cents)
    assert [other.params["p"], other.params["q"]] == pytest.approx([one.params["p"], one.params["q"]], rel=1e-6)
    assert other.params["v"] == pytest.approx(100 * one.params["v"], rel=1e-6)
    assert one.log_likelihood is not None
    shift = float(euros.weight @ euros.n) * np.log(100.0)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - shift, abs=1e-5)


def test_every_customer_three_times_changes_the_likelihood_alone() -> None:
    one = drawn(3, 300)
    first, third = MODEL.fit(one), MODEL.fit(replace(one, weight=3 * one.weight))
    assert first.log_likelihood is not None
    assert third.log_likelihood == pytest.approx(3 * first.log_likelihood, rel=1e-9)
    assert list(third.params.values()) == pytest.approx(list(first.params.values()), rel=1e-5)


def test_one_amount_each_is_what_means_say() -> None:
    rng = np.random.default_rng(7)
    spending = of_amounts([rng.gamma(6.0, size=1) * 15 / rng.gamma(4.0) for _ in range(300)])
    assert MODEL.fit(spending) == MODEL.fit(by_means(spending))


def test_a_lump_of_cents_is_left_to_means_and_said() -> None:
    """A third of the amounts is a cent: no gamma has both, and its p would be near 0.2."""
    rng = np.random.default_rng(8)
    customers = [rng.gamma(6.0, size=k) * 15 / rng.gamma(4.0) for k in rng.geometric(0.3, 1_000)]
    lumped = of_amounts([np.where(rng.random(one.size) < 1 / 3, 0.01, one) for one in customers])
    fit, means = MODEL.fit(lumped), MODEL.fit(by_means(lumped))
    assert fit.params == means.params
    assert dict(fit.notices)["spend_by_means"].startswith("many amounts are next to nothing")
    assert "spend_by_means" not in dict(means.notices)


def test_where_means_leave_the_model_open_amounts_decide() -> None:
    """Two prices in turn: the means of customers say that all are alike (q at its bound), or p; amounts have an end."""
    rng = np.random.default_rng(12)
    spending = of_amounts([np.where(rng.random(k) < 0.7, 9.99, 99.0) for k in rng.geometric(0.3, 1_500)])
    means = MODEL.fit(by_means(spending))
    assert means.status == AT_BOUND
    first = MODEL.fit(replace(spending, by_means=True))
    assert first.status == CONVERGED
    assert first.params == MODEL.fit(spending).params
    assert "spend_by_amounts" in dict(first.notices)
    few = of_amounts([np.where(rng.random(k) < 0.5, 9.99, 99.0) for k in (1, 1, 1, 2, 3, 4)])
    assert MODEL.fit(replace(few, by_means=True)) == MODEL.fit(by_means(few))


def test_where_means_tell_the_model_they_are_kept() -> None:
    spending = drawn(5, 500)
    assert MODEL.fit(replace(spending, by_means=True)) == MODEL.fit(by_means(spending))


@pytest.mark.parametrize(("customers", "kept"), [(4, False), (400, True)])
def test_amounts_that_never_change_are_believed_of_many_alone(customers: int, kept: bool) -> None:
    """Four customers with two equal amounts each prove nothing; 400 do: each one's own amount is the forecast."""
    rng = np.random.default_rng(9)
    once = [rng.gamma(6.0, size=1) * 15 / rng.gamma(4.0) for _ in range(200)]
    twice = [np.full(2, rng.gamma(6.0) * 15 / rng.gamma(4.0)) for _ in range(customers)]
    fit = MODEL.fit(of_amounts([*once, *twice]))
    assert ("spend_by_means" not in dict(fit.notices)) == kept
    if kept:
        assert fit.status == AT_BOUND
        value = MODEL.expected_value(fit.params, np.array([2.0]), np.array([123.0]))
        assert value[0] == pytest.approx(123.0, rel=1e-3)


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.floats(0.01, 1e7) | st.sampled_from([0.01, 5.0, 100.0]), min_size=1, max_size=6),
        min_size=1,
        max_size=20,
    )
)
def test_any_amounts_predict_finite_values(rows: list[list[float]]) -> None:
    spending = of_amounts([np.array(row) for row in rows])
    fit = MODEL.fit(spending)
    value = MODEL.expected_value(fit.params, np.append(spending.n, 0.0), np.append(spending.mean, 0.0))
    assert fit.usable
    assert np.isfinite(value).all()
    assert (value > 0).all()
    assert bool(fit.message) == (fit.status == AT_BOUND)
