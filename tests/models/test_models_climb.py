"""The climb itself, on surfaces whose top is known: within bounds, from several starts, along ridges, by steps."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from clvcli.models.base import Array
from clvcli.models.fitting import (
    BLOCK,
    LONGEST_STEP,
    Optimum,
    _backtrack,
    _bounded_step,
    _newton_step,
    _stride,
    _within,
    beside_limit,
    climb,
    in_blocks,
    maximise,
    optimum_at,
    polish,
)

Objective = Callable[[Array], tuple[float, Array, Array]]
NO, YES = np.zeros(2, dtype=bool), np.ones(2, dtype=bool)


def bowl(root: Array, top: Array) -> Objective:
    """-|root (theta - top)|^2 / 2."""

    def objective(theta: Array) -> tuple[float, Array, Array]:
        away = root @ (theta - top)
        return -float(away @ away) / 2, -root.T @ away, -root.T @ root

    return objective


@pytest.mark.parametrize("seed", range(40))
def test_the_top_of_a_bowl_within_a_box(seed: int) -> None:
    """As scipy's bounded least squares has it, whatever bounds hold in the end."""
    random = np.random.default_rng(seed)
    root, top = random.normal(size=(4, 4)) + 2 * np.eye(4), random.normal(size=4) * 3
    low, high = np.full(4, -1.0), np.array([1.0, 2.0, 0.5, 4.0])
    wanted = lsq_linear(root, root @ top, (low, high), tol=1e-14).x
    found, value = climb(bowl(root, top), random.normal(size=4) * 3, low, high)
    assert found == pytest.approx(wanted, abs=1e-5)
    assert value == pytest.approx(bowl(root, top)(wanted)[0], rel=1e-8, abs=1e-9)
    flags = optimum_at(bowl(root, top), found, low, high).at_bound
    assert flags == tuple(bool(a) for a in (wanted < low + 1e-5) | (wanted > high - 1e-5))


def test_the_best_of_several_tops_is_taken_wherever_it_starts() -> None:
    def objective(theta: Array) -> tuple[float, Array, Array]:
        """Tops at -2 and, higher, near 2."""
        (t,) = theta
        value = -((t * t - 4) ** 2) / 16 + t / 4
        slope = -(t * t - 4) * t / 4 + 0.25
        return value, np.array([slope]), np.array([[-(3 * t * t - 4) / 4]])

    low, high = np.array([-9.0]), np.array([9.0])
    for starts in ([-2.5, 2.5], [2.5, -2.5]):
        found = maximise(objective, [np.array([s]) for s in starts], low, high)
        assert found.theta[0] == pytest.approx(2.11491, abs=1e-4)
        assert abs(objective(found.theta)[1][0]) < 1e-4
        assert found.at_bound == (False,)
        assert found.covariance is not None
        assert found.covariance[0, 0] == pytest.approx(-1 / objective(found.theta)[2][0, 0], rel=1e-9)


def test_where_nothing_is_finite_the_climb_ends_at_once() -> None:
    theta, value = climb(lambda t: (math.nan, t, np.eye(2)), np.array([5.0, -5.0]), np.zeros(2), np.ones(2))
    assert theta.tolist() == [1.0, 0.0]
    assert value == -math.inf


def test_a_step_is_cut_short_at_the_first_bound_it_meets() -> None:
    low, high, here = np.array([-1.0, -2.0]), np.array([1.0, 5.0]), np.array([0.5, 0.0])
    assert _within(here, np.array([2.0, 1.0]), low, high).tolist() == [1.0, 0.25]
    assert _within(here, np.array([-3.0, 1.0]), low, high).tolist() == [-1.0, 0.5]
    assert _within(here, np.array([0.1, -8.0]), low, high).tolist() == pytest.approx([0.525, -2.0])
    assert _within(here, np.array([0.5, -2.0]), low, high).tolist() == [1.0, -2.0]
    assert _within(here, np.array([0.25, 1.0]), low, high).tolist() == [0.75, 1.0]
    assert _within(here, np.zeros(2), low, high).tolist() == here.tolist()
    assert _within(np.array([1.0, 0.0]), np.array([1.0, 1.0]), low, high).tolist() == [1.0, 0.0]


def test_backtracking_takes_the_first_quarter_that_rises() -> None:
    objective = bowl(np.eye(1), np.zeros(1))
    wide = np.array([-99.0]), np.array([99.0])
    found = _backtrack(objective, np.array([1.0]), -0.5, np.array([-8.0]), *wide)  # -7, -1 (no better), then 0.5
    assert found is not None
    assert found[0].tolist() == [0.5]
    assert found[1][0] == -0.125
    assert _backtrack(objective, np.array([0.0]), 0.0, np.array([1.0]), *wide) is None
    assert _backtrack(lambda t: (math.inf, t, t), np.zeros(1), 0.0, np.ones(1), *wide) is None


def test_a_long_step_late_is_stretched_where_that_pays() -> None:
    def slope_up(theta: Array) -> tuple[float, Array, Array]:
        return float(theta[0]), np.ones(1), np.zeros((1, 1))

    wide = np.array([-99.0]), np.array([99.0])
    found = _stride(slope_up, np.zeros(1), 1.0, np.array([0.5]), *wide)
    assert found is not None
    assert found[0].tolist() == [LONGEST_STEP]
    assert _stride(slope_up, np.zeros(1), LONGEST_STEP, np.array([0.5]), *wide) is None
    for step in (0.4, LONGEST_STEP / 2, LONGEST_STEP):
        assert _stride(slope_up, np.zeros(1), 0.0, np.array([step]), *wide) is None


def test_a_parameter_at_its_bound_moves_inwards_alone() -> None:
    curve = -np.array([[2.0, 1.0], [1.0, 2.0]])
    slope = np.array([1.0, -0.4])
    free = np.linalg.solve(-curve, slope)
    assert _bounded_step(slope, curve, NO, NO) == pytest.approx(free)
    held = _bounded_step(slope, curve, NO, np.array([True, False]))
    assert held == pytest.approx([0.0, -0.2])
    assert _bounded_step(slope, curve, np.array([True, False]), NO) == pytest.approx(free)
    assert _bounded_step(slope, curve, np.array([False, True]), NO) == pytest.approx([0.5, 0.0])
    assert _bounded_step(slope, curve, YES, YES).tolist() == [0.0, 0.0]
    # The slope points inwards at the bound, but the step of both would push beyond: then it stays.
    turn = -np.array([[2.0, 1.9], [1.9, 2.0]])
    assert np.linalg.solve(-turn, [1.0, 0.1])[1] < 0
    assert _bounded_step(np.array([1.0, 0.1]), turn, np.array([False, True]), NO) == pytest.approx([0.5, 0.0])


def test_a_newton_step_climbs_where_the_surface_bends_up_and_is_no_longer_than_the_longest() -> None:
    assert _newton_step(np.array([1.0, 1.0]), np.diag([-2.0, 4.0]), YES) == pytest.approx([0.5, 0.25])
    long = _newton_step(np.array([1.0, 1.0]), np.diag([-1e-3, -1e-2]), YES)
    assert long == pytest.approx([LONGEST_STEP, LONGEST_STEP / 10])
    assert _newton_step(np.ones(2), -np.eye(2), NO).tolist() == [0.0, 0.0]


def test_polishing_ends_at_the_top_or_not_at_all() -> None:
    root, top = np.array([[2.0, 0.3], [0.1, 1.0]]), np.array([0.4, -0.2])
    objective = bowl(root, top)

    def slopes(theta: Array) -> tuple[float, Array]:
        return objective(theta)[:2]

    about = objective(top)[2] * 1.2
    found = polish(slopes, np.zeros(2), about)
    assert found is not None
    assert found == pytest.approx(top, abs=1e-3)
    assert polish(slopes, np.zeros(2), about, steps=1) is None
    assert polish(slopes, top + 5.0, about) is None  # a first step longer than one
    assert polish(slopes, np.zeros(2), about / 4) is None  # overshoots further and further


def test_blocks_hold_every_row_once() -> None:
    rows = 2 * BLOCK + 7
    values = np.arange(rows, dtype=float)
    seen: list[slice] = []

    def part(some: slice) -> tuple[float, Array, Array]:
        seen.append(some)
        return float(values[some].sum()), values[some].sum() * np.ones(2), values[some].sum() * np.eye(2)

    value, slope, curve = in_blocks(rows, part)
    assert value == values.sum()
    assert slope.tolist() == [values.sum()] * 2
    assert (curve == values.sum() * np.eye(2)).all()
    assert [(s.start, s.stop) for s in seen] == [(i * BLOCK, (i + 1) * BLOCK) for i in range(3)]


def test_the_limit_of_no_dropout_is_taken_where_it_costs_nothing() -> None:
    objective = bowl(np.diag([1.0, 1e-9]), np.array([0.5, 3.0]))  # flat in the second
    low, high = np.full(2, -10.0), np.full(2, 10.0)
    best = maximise(objective, [np.zeros(2)], low, high)
    assert best.flat
    taken, gain = beside_limit(objective, best, low, high, 1, {1: -10.0})
    assert taken.theta == pytest.approx([0.5, -10.0], abs=1e-5)
    assert taken.at_bound == (False, True)
    assert taken.covariance is None
    assert abs(gain) < 1e-9
    assert low.tolist() == [-10.0] * 2
    steep = bowl(np.diag([1.0, 0.1]), np.array([0.5, 3.0]))
    best = maximise(steep, [np.zeros(2)], low, high)
    kept, gain = beside_limit(steep, best, low, high, 1, {1: -10.0})
    assert kept is best
    assert gain == pytest.approx((0.1 * 13) ** 2 / 2, rel=1e-6) or gain == math.inf
    sure = Optimum(best.theta, best.value, np.eye(2) * 1e-6, (False, False))
    assert beside_limit(steep, sure, low, high, 1, {1: -10.0}) == (sure, math.inf)
