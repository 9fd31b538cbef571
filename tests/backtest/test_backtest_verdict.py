"""The verdict names what wins, a heuristic too."""

from typing import Any

import pytest

from clvcli.backtest.metrics import ENOUGH, averaged, off_bands
from clvcli.backtest.verdict import judge
from clvcli.choose import Choice


def _row(name: str, kind: str, deviance: float, log_loss: float, gini: float | None) -> dict[str, Any]:
    value = {"all" if kind == "model" else "own": {"gini": gini}}
    return {
        "name": name,
        "kind": kind,
        "deviance": deviance,
        "log_loss": log_loss,
        "value": value,
        "bias": 0.1,
        "rmse": 1.0,
    }


MODELS = [_row("bg-nbd", "model", 1.0, 0.5, 0.7), _row("mbg-nbd", "model", 0.99, 0.51, 0.6)]
CHOICE = Choice("bg-nbd", (), 3, 91)


def test_a_heuristic_that_wins_is_named() -> None:
    verdict = judge([*MODELS, _row("last window", "heuristic", 0.9, 0.6, 0.65)], CHOICE, "all")
    assert verdict.heuristic == "last window"
    assert verdict.sentences[0].startswith("Last window wins")
    assert "keep bg-nbd for who buys at all and who spends most" in verdict.sentences[0]
    assert dict(verdict.winners) == {
        "counts": "last window", "counts_heuristic": "last window", "buyers": "bg-nbd", "value": "bg-nbd"
    }  # fmt: skip


def test_a_model_that_wins_is_named() -> None:
    verdict = judge([*MODELS, _row("last window", "heuristic", 1.2, 0.6, 0.65)], CHOICE, "all")
    assert verdict.heuristic is None
    assert verdict.sentences[0].startswith("Use bg-nbd")
    assert verdict.winners["counts"] == "mbg-nbd"


@pytest.mark.parametrize(("deviance", "wins"), [(0.984, True), (0.987, False)])
def test_half_a_percent_decides(deviance: float, wins: bool) -> None:
    verdict = judge([*MODELS, _row("last window", "heuristic", deviance, 0.6, 0.65)], CHOICE, "all")
    assert (verdict.heuristic is not None) == wins
    assert ("is level" in verdict.sentences[1]) == (not wins)


def test_more_gini_is_better_and_variants_do_not_compete() -> None:
    rows = [*MODELS, _row("same rate", "heuristic", 2.0, 0.9, 0.8), _row("bg-nbd by group", "variant", 0.1, 0.1, 0.99)]
    verdict = judge(rows, CHOICE, "all")
    assert verdict.winners["value"] == "same rate"
    assert "bg-nbd by group" not in " ".join(verdict.sentences)


def test_figures_are_averaged_where_they_are_known() -> None:
    rows = [
        {"a": 1.0, "n": 2, "v": {"g": 0.2}, "none": None, "some": None},
        {"a": 3.0, "n": 3, "v": {"g": 0.4}, "none": None, "some": 5.0},
    ]
    found = averaged(rows)
    assert found["v"]["g"] == pytest.approx(0.3)
    assert {k: v for k, v in found.items() if k != "v"} == {"a": 2.0, "n": 5, "none": None, "some": 5.0}


def test_small_age_bands_are_not_judged() -> None:
    bands = [
        {"age": "a", "actual": ENOUGH, "expected": 2.0 * ENOUGH, "ratio": 2.0},
        {"age": "b", "actual": 3, "expected": 9.0, "ratio": 3.0},
        {"age": "c", "actual": 100, "expected": 124.0, "ratio": 1.24},
        {"age": "d", "actual": 0, "expected": 100.0, "ratio": None},
    ]
    assert [b["age"] for b in off_bands(bands)] == ["a"]
