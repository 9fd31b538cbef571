"""BG/CNBD-k and MBG/CNBD-k: equal to BG/NBD and MBG/NBD for k = 1; for k > 1 against simulated customers and mpmath."""

import numpy as np
import pytest
from mpmath import mp, mpf

from clvcli.models import erlang
from clvcli.models.base import CONVERGED, Array, Fit, History
from clvcli.models.predictive import spend_quantiles
from clvcli.models.registry import purchase_model

REGULAR = {"bg-cnbd": "bg-nbd", "mbg-cnbd": "mbg-nbd"}
every = pytest.mark.parametrize("name", REGULAR)
TRUTH = {"k": 3.0, "r": 1.2, "alpha": 2.0, "a": 0.6, "b": 3.0}
X, T_X, T = np.array([0.0, 1, 4, 30]), np.array([0.0, 3, 20, 36]), np.array([30.0, 8, 38, 39])


def simulate(
    rng: np.random.Generator, n: int, weeks: float, ahead: float, name: str
) -> tuple[Array, Array, Array, Array, Array]:
    """(x, t_x, log_gaps, alive, bought in `ahead` weeks after `weeks`), purchase by purchase, k = 3."""
    rate, p = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"], n), rng.beta(TRUTH["a"], TRUTH["b"], n)
    x, t_x, log_gaps, later, clock = (np.zeros(n) for _ in range(5))
    alive = np.ones(n)
    going = np.flatnonzero(rng.random(n) >= p * (name == "mbg-cnbd"))
    alive[np.setdiff1d(np.arange(n), going)] = 0
    while going.size:
        gap = rng.gamma(TRUTH["k"], 1 / rate[going])
        clock[going] += gap
        now = clock[going]
        seen, after = now <= weeks, (now > weeks) & (now <= weeks + ahead)
        x[going[seen]] += 1
        t_x[going[seen]] = now[seen]
        log_gaps[going[seen]] += np.log(gap[seen])
        later[going[after]] += 1
        leaves = rng.random(going.size) < p[going]
        alive[going[leaves & seen]] = 0
        going = going[~leaves & (now <= weeks + ahead)]
    return x, t_x, log_gaps, alive, later


@every
def test_one_stage_is_the_model_without_a_rhythm(name: str) -> None:
    regular, plain = purchase_model(name), purchase_model(REGULAR[name])
    params = {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}
    same = {"k": 1.0, **params}
    at = X, T_X, T
    history = History(*at, np.ones(4), {"log_gaps": np.array([0.0, 1.1, 3.0, 4.0])})
    assert regular.log_likelihood(same, history) == pytest.approx(plain.log_likelihood(params, history), rel=1e-12)
    assert regular.p_alive(same, *at) == pytest.approx(plain.p_alive(params, *at), rel=1e-12)
    assert regular.p_no_purchase(same, *at, 9.0) == pytest.approx(plain.p_no_purchase(params, *at, 9.0), rel=1e-12)
    assert regular.median_wait(same, *at) == pytest.approx(plain.median_wait(params, *at), rel=1e-6)
    assert regular.alert_wait(same, X, T_X, 0.3) == pytest.approx(plain.alert_wait(params, X, T_X, 0.3), rel=1e-6)
    assert regular.pmf(same, *at, 9.0, 30) == pytest.approx(plain.pmf(params, *at, 9.0, 30), rel=1e-10)
    for t, delta in ((9.0, 0.0), (5000.0, 0.0), (52.0, 0.01), (np.inf, 0.002)):
        want = plain.expected_purchases(params, *at, t, delta)
        assert regular.expected_purchases(same, *at, t, delta) == pytest.approx(want, rel=1e-8)


def _by_sums(R: float, A: float, a: float, b: float, k: int, j: int, t: float) -> float:
    """Sum over n of E[(1 - p)^(n - 1)] P(N >= n k - j), 30 digits."""
    with mp.workdps(30):
        nu, M, P, B, s = (mpf(v) for v in (R + j, A, a, b, t))
        z, total, below, count, i = s / (M + s), mpf(0), mpf(0), mpf(1), 0
        count = (1 - z) ** nu
        for n in range(1, 4000):
            while i < n * k - j:
                below += count
                count *= (nu + i) / (i + 1) * z
                i += 1
            term = mp.beta(P, B + n - 1) / mp.beta(P, B) * (1 - below)
            total += term
            if term < mpf(10) ** -22:
                break
        return float(total)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("a", [1e-6, 0.7, 1.0])
def test_expected_by_summing(k: int, a: float) -> None:
    R, A, b = np.array([1.3, 25.2]), np.array([9.0, 41.0]), np.array([2.5, 9.5])
    got = erlang.expected_purchases(R, A, a, b, k, 26.0)
    for i in range(2):
        want = [_by_sums(float(R[i]), float(A[i]), a, float(b[i]), k, j, 26.0) for j in range(k)]
        assert got[i] == pytest.approx(want, rel=1e-9)


@every
def test_fit_finds_the_rhythm(name: str) -> None:
    rng = np.random.default_rng(8)
    x, t_x, log_gaps, *_ = simulate(rng, 6000, 52.0, 0.0, name)
    fit = purchase_model(name).fit(History(x, t_x, np.full(6000, 52.0), np.ones(6000), {"log_gaps": log_gaps}))
    assert fit.status == CONVERGED
    assert fit.params["k"] == 3
    for parameter in ("r", "alpha", "a", "b"):
        error = fit.std_errors[parameter]
        assert error is not None
        assert abs(fit.params[parameter] - TRUTH[parameter]) < 4 * error


@every
@pytest.mark.parametrize("weeks", [4.0, 52.0])
@pytest.mark.parametrize("customers", [20, 60, 200])
def test_small_logs_always_answer(customers: int, weeks: float, name: str) -> None:
    model = purchase_model(name)
    for seed in range(4):
        x, t_x, log_gaps, *_ = simulate(np.random.default_rng(seed), customers, weeks, 0.0, name)
        T = np.full(customers, weeks)
        fit = model.fit(History(x, t_x, T, np.ones(customers), {"log_gaps": log_gaps}))
        assert fit.usable
        assert np.isfinite(list(fit.params.values())).all()
        assert np.isfinite(model.expected_purchases(fit.params, x, t_x, T, 52.0)).all()
        assert np.isfinite(model.pmf(fit.params, x, t_x, T, 52.0, 10)).all()


@every
def test_simulated_customers(name: str) -> None:
    """The share alive, what the living buy and when, for those with one purchase and about ten weeks of silence."""
    rng = np.random.default_rng(11)
    model = purchase_model(name)
    x, t_x, _, alive, later = simulate(rng, 400_000, 30.0, 13.0, name)
    some = (x == 1) & (t_x > 19) & (t_x < 21)
    at = x[some], t_x[some], np.full(some.sum(), 30.0)
    root = np.sqrt(some.sum())
    p_alive = model.p_alive(TRUTH, *at)
    assert alive[some].mean() == pytest.approx(p_alive.mean(), abs=5 * 0.5 / root)
    made = later[some]
    expected = p_alive * model.expected_purchases(TRUTH, *at, 13.0)
    assert made.mean() == pytest.approx(expected.mean(), abs=5 * made.std() / root)
    none = 1 - p_alive + p_alive * model.p_no_purchase(TRUTH, *at, 13.0)
    assert (made == 0).mean() == pytest.approx(none.mean(), abs=5 * 0.5 / root)
    counts = p_alive[:, None] * model.pmf(TRUTH, *at, 13.0, 3)
    for k in (1, 2, 3):
        assert (made == k).mean() == pytest.approx(counts[:, k].mean(), abs=5 * 0.5 / root)
    assert x.mean() == pytest.approx(model.expected_from_birth(TRUTH, np.array([30.0]))[0], abs=5 * x.std() / 632)


def test_quantiles_of_spend_see_the_silence() -> None:
    """Not memoryless: customers who share (x, T) but not t_x differ."""
    fit = Fit("mbg-cnbd", TRUTH, {}, None, CONVERGED)
    spend = Fit("gamma-gamma", {"p": 6.0, "q": 4.0, "v": 15.0}, {}, None, CONVERGED)
    at = {"x": np.full(2, 3.0), "t_x": np.array([25.0, 29.9]), "T": np.full(2, 30.0)}
    _, high = spend_quantiles(
        fit,
        spend,
        x=at["x"],
        t_x=at["t_x"],
        T=at["T"],
        p_alive=np.ones(2),
        n=np.full(2, 4.0),
        mean=np.full(2, 20.0),
        t=4.0,
    )
    assert high[0] > high[1]
