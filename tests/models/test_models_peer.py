"""lifetimes, a peer: where it converges, no log-likelihood of it is better than ours."""

import warnings

import numpy as np
import pytest
from models.models_data import distinct, simulate

from clvcli.models.registry import purchase_model

KINDS = {
    "ordinary": (0.8, 6.0, 0.8, 2.4, 52.0),
    "hardly any dropout": (0.8, 6.0, 0.01, 3.0, 52.0),
    "homogeneous": (1e6, 1e7, 0.5, 3.0, 40.0),
    "short window": (0.3, 5.0, 0.7, 2.0, 4.0),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "peer_name", "chances"), [("bg-nbd", "BetaGeoFitter", 0), ("mbg-nbd", "ModifiedBetaGeoFitter", 1)]
)
def test_never_worse(kind: str, name: str, peer_name: str, chances: int, capsys: pytest.CaptureFixture[str]) -> None:
    lifetimes = pytest.importorskip("lifetimes")
    model, answers = purchase_model(name), 0
    for seed, customers in enumerate((60, 200, 1000)):
        x, t_x, T, *_ = simulate(np.random.default_rng(seed), customers, *KINDS[kind], chances=chances)
        t_x, T = np.minimum(np.ceil(t_x * 7), np.ceil(T * 7)) / 7, np.ceil(T * 7) / 7
        history = distinct(x, t_x, T)
        ours = model.fit(history)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                peer = getattr(lifetimes, peer_name)().fit(x, t_x, T)
        except lifetimes.utils.ConvergenceError:
            continue
        answers += 1
        theirs = history.weight @ model.log_likelihood(dict(peer.params_), history)
        assert ours.log_likelihood is not None
        assert theirs <= ours.log_likelihood + 1e-6
    capsys.readouterr()
    assert answers or kind != "ordinary"
