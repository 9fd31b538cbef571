"""One model for all customers, whose purchase rate moves with a static covariate z: Fader & Hardie (2007), note 019.

    alpha of a customer = alpha e^(-gamma z):   the mean rate r / alpha is e^gamma times as high for one more z

All other parameters are shared. Customers with equal z make a cell; the log-likelihood is the sum over the cells of
that of the model, and its derivatives in (log parameters, gamma) follow from those in the log of alpha.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from clvcli.models.base import AT_BOUND, CONVERGED, Array, Fit, History
from clvcli.models.fitting import Objective, climb, optimum_at, standard_errors

ROOM = 3.0
"""The logs of the parameters stay this near those of the pooled fit, gamma this near 0."""


@runtime_checkable
class Tieable(Protocol):
    """A purchase model that a covariate can move: it shows its likelihood with derivatives in the logs."""

    parameters: tuple[str, ...]

    def objective(self, history: History) -> Objective:
        """Log-likelihood, gradient and Hessian in the logs of `parameters`."""


@dataclass(frozen=True)
class Tied:
    """A fitted model with a covariate. `theta`: logs of the parameters at z = `centre`, then gamma; `covariance`:
    theirs, None where the likelihood is flat."""

    name: str
    parameters: tuple[str, ...]
    theta: Array
    log_likelihood: float
    covariance: Array | None
    centre: float

    @property
    def gamma(self) -> float:
        """The log of how many times as often a customer buys for one more z."""
        return float(self.theta[-1])

    def at(self, z: float, history: History | None = None) -> Fit:
        """The model of the customers with that z; `history` is theirs, for the number of repeat purchases."""
        move = np.eye(self.theta.size)[:-1]
        move[self.parameters.index("alpha"), -1] = self.centre - z
        logs = move @ self.theta
        spread = None if self.covariance is None else move @ self.covariance @ move.T
        errors = standard_errors(logs, spread)
        return Fit(
            self.name,
            dict(zip(self.parameters, map(float, np.exp(logs)), strict=True)),
            dict(zip(self.parameters, errors, strict=True)),
            self.log_likelihood,
            AT_BOUND if spread is None else CONVERGED,
            covariance=None if spread is None else tuple(tuple(map(float, row)) for row in spread),
            repeats=None if history is None else float(history.weight @ history.x),
        )


def joint(parts: Sequence[tuple[Array, Objective]]) -> Objective:
    """The sum of log-likelihoods, each in linear functions of the same theta: (matrix, likelihood) of each."""

    def objective(theta: Array) -> tuple[float, Array, Array]:
        value, slope, curve = 0.0, np.zeros(theta.size), np.zeros((theta.size, theta.size))
        for move, part in parts:
            one = part(move @ theta)
            value, slope, curve = value + one[0], slope + move.T @ one[1], curve + move.T @ one[2] @ move
        return value, slope, curve

    return objective


def tie(model: Tieable, pooled: Fit, cells: Sequence[tuple[float, History]]) -> Tied:
    """Maximum likelihood from the pooled fit of the same customers. `cells`: z and the histories of those with it."""
    weights = [history.weight.sum() for _, history in cells]
    centre = float(np.average([z for z, _ in cells], weights=weights))
    alpha = model.parameters.index("alpha")
    moves = [np.eye(len(model.parameters) + 1)[:-1] for _ in cells]
    for move, (z, _) in zip(moves, cells, strict=True):
        move[alpha, -1] = centre - z
    objective = joint([(move, model.objective(history)) for move, (_, history) in zip(moves, cells, strict=True)])
    start = np.append(np.log([pooled.params[p] for p in model.parameters]), 0.0)
    low, high = start - ROOM, start + ROOM
    best = optimum_at(objective, climb(objective, start, low, high)[0], low, high)
    return Tied(pooled.name, model.parameters, best.theta, best.value, best.covariance, centre)
