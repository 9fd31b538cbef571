"""What every purchase model must do, run over whatever lies in the folder."""

import importlib

import numpy as np
import pytest
from models.models_data import Cdnow, distinct, simulate, simulate_lives

from clvcli.core.errors import UsageError
from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, UNIT_WEEKS, Array, Fit, History, PurchaseModel
from clvcli.models.registry import names, purchase_model, spend_model
from clvcli.models.units import in_weeks, rescale

X = np.array([0.0, 0, 1, 1, 3, 8, 20, 60])
T_X = np.array([0.0, 0, 2, 30, 20, 30, 39, 38])
T = np.array([1.0, 39, 39, 31, 30, 39, 39, 38.5])


@pytest.fixture(scope="module", params=names())
def model(request: pytest.FixtureRequest) -> PurchaseModel:
    return purchase_model(request.param)


@pytest.fixture(scope="module")
def fit(model: PurchaseModel, cdnow: Cdnow) -> Fit:
    return model.fit(cdnow.needed(model.needs))


def test_names() -> None:
    assert {"bg-nbd", "mbg-nbd"} <= set(names())
    assert names("spend") == ["gamma-gamma"]
    with pytest.raises(UsageError, match="no purchase model 'prophet'"):
        purchase_model("prophet")
    with pytest.raises(UsageError, match="no spend model"):
        spend_model("base")


def test_fit_is_complete(model: PurchaseModel, fit: Fit) -> None:
    assert fit.name == model.name
    assert fit.status == CONVERGED
    assert tuple(fit.params) == tuple(fit.std_errors) == model.parameters
    assert all(type(v) is float and 0 < v < np.inf for v in fit.params.values())
    assert all(e is None or 0 <= e < np.inf for e in fit.std_errors.values())
    assert fit.repeats == 2457


def test_likelihood_is_that_of_the_fit(model: PurchaseModel, fit: Fit, cdnow: Cdnow) -> None:
    history = cdnow.needed(model.needs)
    total = history.weight @ model.log_likelihood(fit.params, history)
    assert total == pytest.approx(fit.log_likelihood, rel=1e-10)


def test_fit_is_a_maximum(model: PurchaseModel, fit: Fit, cdnow: Cdnow) -> None:
    history = cdnow.needed(model.needs)
    assert fit.log_likelihood is not None
    for name, value in fit.params.items():
        for factor in (0.99, 1.01):
            moved = {**fit.params, name: value * factor}
            if name != "k":
                assert history.weight @ model.log_likelihood(moved, history) < fit.log_likelihood


def test_weights_are_customers(model: PurchaseModel, fit: Fit, cdnow: Cdnow) -> None:
    """Every customer three times: the same parameters, three times the likelihood, errors smaller by the root of 3."""
    once = cdnow.needed(model.needs)
    thrice = model.fit(History(once.x, once.t_x, once.T, once.weight * 3, once.extra))
    assert thrice.params == pytest.approx(dict(fit.params), rel=1e-4)
    assert fit.log_likelihood is not None
    assert thrice.log_likelihood == pytest.approx(3 * fit.log_likelihood, rel=1e-10)
    for name, error in fit.std_errors.items():
        if error:
            assert thrice.std_errors[name] == pytest.approx(error / np.sqrt(3), rel=1e-3)


def test_predictions_keep_their_range(model: PurchaseModel, fit: Fit) -> None:
    alive = model.p_alive(fit.params, X, T_X, T)
    assert ((alive >= 0) & (alive <= 1)).all()
    last = np.zeros(X.shape)
    for t in (0.0, 1e-3, 1.0, 10.0, 52.0, 5000.0):
        expected = model.expected_purchases(fit.params, X, T_X, T, t)
        none = model.p_no_purchase(fit.params, X, T_X, T, t)
        assert expected.shape == none.shape == X.shape
        assert (expected >= last).all()
        assert np.isfinite(expected).all()
        assert ((none >= 0) & (none <= 1)).all()
        last = expected
    assert (model.expected_purchases(fit.params, X, T_X, T, 0.0) == 0).all()


def test_counts_sum_to_one_and_agree(model: PurchaseModel, fit: Fit) -> None:
    counts = model.pmf(fit.params, X, T_X, T, 13.0, 400)
    assert counts.shape == (8, 401)
    assert (counts >= 0).all()
    assert counts.sum(axis=1) == pytest.approx(np.ones(8), abs=1e-6)
    assert counts[:, 0] == pytest.approx(model.p_no_purchase(fit.params, X, T_X, T, 13.0), abs=1e-9)
    mean = counts @ np.arange(401.0)
    assert mean == pytest.approx(model.expected_purchases(fit.params, X, T_X, T, 13.0), rel=2e-4)


def test_discounting(model: PurchaseModel, fit: Fit) -> None:
    at = fit.params, X, T_X, T
    plain = model.expected_purchases(*at, 52.0)
    some, more = (model.expected_purchases(*at, 52.0, delta) for delta in (0.002, 0.02))
    forever = model.expected_purchases(*at, np.inf, 0.002)
    assert (more < some).all()
    assert (some < plain).all()
    assert (plain * np.exp(-0.002 * 52) < some).all()
    assert (forever > some).all()
    assert np.isfinite(forever).all()
    assert model.expected_purchases(*at, 20_000.0, 0.002) == pytest.approx(forever, rel=1e-8)


def test_median_wait_is_the_median(model: PurchaseModel, fit: Fit) -> None:
    """P(no purchase by the median, of one who goes on buying) is a half: for models without dropout in between."""
    wait = model.median_wait(fit.params, X, T_X, T)
    assert (wait > 0).all()
    for i in np.flatnonzero(np.isfinite(wait) & (wait < 1e4)):
        one = X[[i]], T_X[[i]], T[[i]]
        assert model.p_no_purchase(fit.params, *one, float(wait[i]))[0] == pytest.approx(0.5, abs=1e-6)


def test_alert_wait(model: PurchaseModel, fit: Fit) -> None:
    """After that much silence P(alive) is the threshold; it is below it at once where the answer is 0."""
    for threshold in (0.3, 0.5, 0.9):
        wait = model.alert_wait(fit.params, X, T_X, threshold)
        assert (wait >= 0).all()
        some = np.isfinite(wait) & (wait < 1e6)
        alive = model.p_alive(fit.params, X[some], T_X[some], T_X[some] + wait[some])
        at_once = wait[some] == 0
        assert alive[~at_once] == pytest.approx(np.full((~at_once).sum(), threshold), abs=1e-6)
        assert (alive[at_once] <= threshold + 1e-9).all()
    assert np.isinf(model.alert_wait(fit.params, X, T_X, 0.0)).all()


def test_expected_from_birth(model: PurchaseModel, fit: Fit) -> None:
    born = model.expected_from_birth(fit.params, np.array([0.0, 1.0, 39.0, 78.0]))
    assert born[0] == 0
    assert (np.diff(born) > 0).all()


@pytest.mark.parametrize("unit", list(UNIT_WEEKS))
def test_unit_of_time(model: PurchaseModel, cdnow: Cdnow, fit: Fit, unit: str) -> None:
    """A log measured in other units: alpha times c, likelihood less sum(x) ln c, everything else the same."""
    weeks = cdnow.needed(model.needs)
    shown = rescale(fit, model, unit)
    assert in_weeks(shown.params, model, unit) == pytest.approx(dict(fit.params), rel=1e-14)
    c = 1 / UNIT_WEEKS[unit]
    extra = {name: v + weeks.x * np.log(c) for name, v in weeks.extra.items() if name == "log_gaps"}
    scaled = History(weeks.x, weeks.t_x * c, weeks.T * c, weeks.weight, extra)
    total = scaled.weight @ model.log_likelihood(shown.params, scaled)
    assert total == pytest.approx(shown.log_likelihood, rel=1e-10)


def test_fit_in_another_unit_of_time(model: PurchaseModel, cdnow: Cdnow, fit: Fit) -> None:
    """The log measured in days, fitted as if they were weeks: alpha times 7, other parameters the same."""
    weeks = cdnow.needed(model.needs)
    extra = {name: v + weeks.x * np.log(7) for name, v in weeks.extra.items() if name == "log_gaps"}
    days = model.fit(History(weeks.x, weeks.t_x * 7, weeks.T * 7, weeks.weight, extra))
    assert days.params == pytest.approx(dict(rescale(fit, model, "day").params), rel=1e-4)
    assert days.log_likelihood == pytest.approx(rescale(fit, model, "day").log_likelihood, abs=1e-6)


def test_sampled_fits_end_where_all_rows_lead(
    model: PurchaseModel, monkeypatch: pytest.MonkeyPatch, cdnow: Cdnow
) -> None:
    """Many rows start from a sample of them: the same maximum."""
    history = cdnow.needed(model.needs)
    whole = model.fit(history)
    module = importlib.import_module(type(model).__module__)
    monkeypatch.setattr(module, "SAMPLE", 200)
    sampled = model.fit(history)
    assert history.x.size > 400
    assert sampled.log_likelihood == pytest.approx(whole.log_likelihood, abs=1e-7)
    assert sampled.params == pytest.approx(dict(whole.params), rel=1e-3)


def _small_logs(name: str) -> list[tuple[str, Array, Array, Array]]:
    """300 logs: n = 60, 200, 1000; ordinary, hardly any dropout, homogeneous, short window.

    Ordinary ones are drawn from the model's own story: its maximum is inside. That of Pareto/NBD on customers of BG/NBD
    often lies at s = inf.
    """
    others = {
        "hardly any dropout": (0.8, 6.0, 0.01, 3.0, 52.0),
        "homogeneous": (1e6, 1e7, 0.5, 3.0, 40.0),
        "short window": (0.3, 5.0, 0.7, 2.0, 4.0),
    }
    rng = np.random.default_rng(7)
    logs = []
    for n in (60, 200, 1000):
        for _ in range(25):
            if name == "pareto-nbd":
                drawn = simulate_lives(rng, n, 0.8, 6.0, 0.6, 8.0, 52.0)
            else:
                drawn = simulate(rng, n, 0.8, 6.0, 0.8, 2.4, 52.0, chances=int(name.startswith("mbg")))[:3]
            logs.append(("ordinary", *drawn))
        for kind, values in others.items():
            logs += [(kind, *simulate(rng, n, *values)[:3]) for _ in range(25)]
    return [(kind, x, np.minimum(np.ceil(t_x * 7), np.ceil(T * 7)) / 7, np.ceil(T * 7) / 7) for kind, x, t_x, T in logs]


def _with_gaps(x: Array, t_x: Array, T: Array) -> History:
    """The customers one by one, with gaps drawn as purchases at random have them: uniform spacings of t_x."""
    rng = np.random.default_rng(1)
    gaps = [rng.dirichlet(np.ones(int(n))) * t if n else np.ones(0) for n, t in zip(x, t_x, strict=True)]
    log_gaps = np.array([np.log(np.maximum(g, 1 / 7)).sum() for g in gaps])
    order = np.lexsort((T, t_x, x))
    return History(x[order], t_x[order], T[order], np.ones(x.size), {"log_gaps": log_gaps[order]})


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_small_logs_always_answer(name: str) -> None:
    """All 300 (every third where a fit is dear): parameters, status and forecasts are finite; a thousand ordinary
    customers pin the model down."""
    model = purchase_model(name)
    seen: dict[tuple[str, int, str], int] = {}
    logs = _small_logs(name)[:: 3 if model.needs else 1]
    for kind, x, t_x, T in logs:
        fit = model.fit(_with_gaps(x, t_x, T) if model.needs else distinct(x, t_x, T))
        assert fit.status in {CONVERGED, AT_BOUND}
        assert bool(fit.message) == (fit.status == AT_BOUND)
        assert all(np.isfinite(v) for v in fit.params.values())
        assert np.isfinite(fit.log_likelihood or np.nan)
        for t, delta, some in ((4.0, 0.0, 1), (52.0, 0.0, 1), (np.inf, 0.002, 20)):
            assert np.isfinite(model.expected_purchases(fit.params, x[::some], t_x[::some], T[::some], t, delta)).all()
        alive = model.p_alive(fit.params, x, t_x, T)
        assert ((alive >= 0) & (alive <= 1)).all()
        counts = model.pmf(fit.params, x[::10], t_x[::10], T[::10], 52.0, 40)
        assert np.isfinite(counts).all()
        assert (counts.sum(axis=1) < 1 + 1e-9).all()
        seen[kind, x.size, fit.status] = seen.get((kind, x.size, fit.status), 0) + 1
    for size, missed in ((1000, 1), (200, len(logs) // 40)):
        assert (
            seen["ordinary", size, CONVERGED]
            >= sum(kind == "ordinary" and x.size == size for kind, x, *_ in logs) - missed
        )
    assert sum(seen.values()) == len(logs)


@pytest.mark.parametrize(
    ("x", "t_x", "T", "words"),
    [
        ([3.0], [4.0], [9.0], "fewer than two customers"),
        ([0.0] * 50, [0.0] * 50, [9.0] * 50, "nobody has bought on two different days"),
        ([0.0] * 50, [0.0] * 50, [0.0] * 50, "one day"),
        ([], [], [], "fewer than two"),
    ],
)
def test_too_little_is_said(model: PurchaseModel, x: list[float], t_x: list[float], T: list[float], words: str) -> None:
    one = np.ones(len(x))
    fit = model.fit(History(np.array(x), np.array(t_x), np.array(T), one, dict.fromkeys(model.needs, one * 0)))
    assert fit.status == INSUFFICIENT
    assert not fit.usable
    assert fit.params == {}
    assert words in fit.message


@pytest.mark.parametrize(
    ("x", "t_x", "T"),
    [
        ([0.0, 1.0], [0.0, 3.0], [9.0, 9.0]),
        ([1.0] * 30, [5.0] * 30, [5.0] * 30),
        ([0.0] * 59 + [1.0], [0.0] * 59 + [1 / 7], [1 / 7] * 60),
        ([500.0, 3.0, 0.0], [99.0, 2.0, 0.0], [100.0, 90.0, 5.0]),
        ([30.0] * 5, [30.0] * 5, [30.0] * 5),
        ([1.0] * 40, [1.0] * 40, [400.0] * 40),
    ],
)
def test_odd_logs_predict(model: PurchaseModel, x: list[float], t_x: list[float], T: list[float]) -> None:
    """Two customers; nobody silent; one repeat in a day; one giant; clockwork; everybody gone after the second."""
    at = np.array(x), np.array(t_x), np.array(T)
    log_gaps = at[0] * np.log(np.maximum(at[1], 1 / 7) / np.maximum(at[0], 1))
    fit = model.fit(History(*at, np.ones(len(x)), dict.fromkeys(model.needs, log_gaps)))
    assert fit.usable
    assert np.isfinite(model.expected_purchases(fit.params, *at, 52.0)).all()
    assert np.isfinite(model.p_alive(fit.params, *at)).all()
    assert np.isfinite(list(fit.params.values())).all()
