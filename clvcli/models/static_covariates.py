"""How fast customers buy and leave, moved by what is known of them: Fader & Hardie (2007), "Incorporating
time-invariant covariates into the Pareto/NBD and BG/NBD models" (note 019), in the form of CLVTools.

With covariates z of a customer, g of buying and d of leaving:

    Pareto/NBD        alpha e^(-g z), beta e^(-d z)         the rates are e^(g z) and e^(d z) times as high
    BG/NBD, MBG/NBD   alpha e^(-g z), a e^(d z), b e^(d z)  d moves how much chances to leave differ, not their mean

r and s are shared. Customers with equal z make a cell; the log-likelihood is the sum over the cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from clvcli.models.base import AT_BOUND, CONVERGED, Array, Fit, History
from clvcli.models.covariate import joint
from clvcli.models.fitting import Objective, climb, optimum_at, standard_errors

BUYING, LEAVING = "purchase", "dropout"
PROCESSES = (BUYING, LEAVING)
ROOM = 12.0
"""The logs of the parameters stay this near those of the pooled fit, coefficients this near 0."""


@runtime_checkable
class Movable(Protocol):
    """A purchase model that static covariates can move."""

    name: str
    parameters: tuple[str, ...]
    moved: Mapping[str, Mapping[str, float]]
    """By process: the sign with which a coefficient enters the log of each parameter that it moves."""

    def objective(self, history: History) -> Objective:
        """Log-likelihood, gradient and Hessian in the logs of `parameters`."""


@dataclass(frozen=True)
class Moved:
    """A fitted model with m covariates. `theta`: the logs of the parameters at z = 0, then m coefficients of each of
    `processes`; `covariance`: theirs, None where the likelihood is flat or nobody knows."""

    model: Movable
    processes: tuple[str, ...]
    theta: Array
    log_likelihood: float | None
    covariance: Array | None
    repeats: float | None = None

    def at(self, z: Array) -> Fit:
        """The model of the customers with the covariates z, shape (m,)."""
        move = _move(self.model, self.processes, z)
        logs = move @ self.theta
        spread = None if self.covariance is None else move @ self.covariance @ move.T
        names = self.model.parameters
        return Fit(
            self.model.name,
            dict(zip(names, map(float, np.exp(logs)), strict=True)),
            dict(zip(names, standard_errors(logs, spread), strict=True)),
            self.log_likelihood,
            AT_BOUND if spread is None else CONVERGED,
            covariance=None if spread is None else tuple(tuple(map(float, row)) for row in spread),
            repeats=self.repeats,
        )

    def coefficients(self) -> dict[str, list[tuple[float, float | None]]]:
        """By process: each coefficient with its standard error."""
        k = len(self.model.parameters)
        m = (self.theta.size - k) // max(1, len(self.processes))
        found = [(float(v), self._error(k + i)) for i, v in enumerate(self.theta[k:])]
        return {process: found[i * m : (i + 1) * m] for i, process in enumerate(self.processes)}

    def _error(self, i: int) -> float | None:
        return None if self.covariance is None else float(np.sqrt(self.covariance[i, i]))


def fit_moved(
    model: Movable, pooled: Fit, z: Array, cells: Sequence[History], processes: tuple[str, ...] = PROCESSES
) -> Moved:
    """Maximum likelihood from the pooled fit of the same customers. z: (cells, m); `cells`: the histories of each."""
    weight = np.array([history.weight.sum() for history in cells])
    centre = weight @ z / weight.sum()
    moves = [_move(model, processes, row - centre) for row in z]
    objective = joint([(move, model.objective(history)) for move, history in zip(moves, cells, strict=True)])
    start = np.zeros(moves[0].shape[1])
    start[: len(model.parameters)] = np.log([pooled.params[name] for name in model.parameters])
    low, high = start - ROOM, start + ROOM
    best = optimum_at(objective, climb(objective, start, low, high)[0], low, high)
    back = np.eye(start.size)
    back[: len(model.parameters)] = _move(model, processes, -centre)
    spread = None if best.covariance is None else back @ best.covariance @ back.T
    repeats = sum(float(history.weight @ history.x) for history in cells)
    return Moved(model, processes, back @ best.theta, best.value, spread, repeats)


def _move(model: Movable, processes: tuple[str, ...], z: Array) -> Array:
    """Logs of the parameters at z from theta, (parameters, parameters + processes x m)."""
    k = len(model.parameters)
    move = np.zeros((k, k + len(processes) * z.size))
    move[:, :k] = np.eye(k)
    for i, process in enumerate(processes):
        for name, sign in model.moved[process].items():
            move[model.parameters.index(name), k + i * z.size : k + (i + 1) * z.size] = sign * z
    return move
