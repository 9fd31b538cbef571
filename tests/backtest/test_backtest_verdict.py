"""The verdict names what wins, a heuristic too."""

from typing import Any

import pytest

from clvcli.commands.backtest.evidence import Evidence
from clvcli.commands.backtest.metrics import ENOUGH, averaged, off_bands
from clvcli.commands.backtest.verdict import judge
from clvcli.scoring.choose import Choice


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


@pytest.mark.parametrize(
    ("error", "rmse", "wins"), [(0.01, 1.1, True), (0.2, 1.1, False), (0.2, 1.0, True), (0.2, 0.9, True)]
)
def test_a_lead_by_chance_needs_the_smaller_rmse(error: float, rmse: float, wins: bool) -> None:
    """On a grocery log "same rate" was ahead by .018 in deviance and behind in everything else."""
    rule = {**_row("same rate", "heuristic", 0.9, 0.6, 0.6), "rmse": rmse}
    verdict = judge([*MODELS, rule], CHOICE, "all", Evidence(1000, lambda *_: error))
    assert (verdict.heuristic is not None) == wins
    assert ("by less than one standard error" in verdict.sentences[1]) == (wins and error > 0.09)
    assert ("is level with the best heuristic" in verdict.sentences[1]) == (not wins)


def test_a_handful_of_purchases_tells_nothing() -> None:
    rows = [*MODELS, _row("last window", "heuristic", 1.2, 0.6, 0.65)]
    said = [judge(rows, CHOICE, "all", Evidence(n, lambda *_: 0.0)).sentences[0] for n in (0, 29, 30)]
    assert said[0].startswith("No purchase in the time held out: too few to tell")
    assert said[1].startswith("Only 29 purchases in the time held out: too few to tell")
    assert said[2].startswith("Use bg-nbd")


def test_nobody_wins_a_ranking_by_chance() -> None:
    rows = [_row("bg-nbd", "model", 1.0, 0.5, -0.1), _row("same rate", "heuristic", 2.0, 0.9, 0.01)]
    verdict = judge(rows, CHOICE, "all")
    assert "no method ranks better than chance (Gini of value 0.010 at best)" in verdict.sentences[-1]
    assert "value" not in verdict.winners


def test_hindsight_and_a_total_far_off_are_said() -> None:
    rows = [{**m, "bias": -0.42} for m in MODELS]
    verdict = judge([*rows, _row("best silence rule", "heuristic", 1.2, 0.3, 0.65)], CHOICE, "all")
    assert verdict.sentences[0].endswith("its total is off by -42.0%, too far off to budget by.")
    assert "hindsight" in verdict.sentences[-1]


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


def test_the_verdict_names_money() -> None:
    """Spend off by -20.7 % against a rule's -3.3 %."""
    models = [{**m, "value": {"all": {"gini": 0.7, "bias": -0.207}}} for m in MODELS]
    rule = {**_row("last window", "heuristic", 1.2, 0.6, 0.65), "value": {"own": {"gini": 0.6, "bias": -0.033}}}
    verdict = judge([*models, rule], CHOICE, "all")
    assert verdict.sentences[-1] == (
        "What they spend: bg-nbd is off by -20.7% in total, last window by -3.3%: for money the rule was nearer."
    )
    rule["value"]["own"]["bias"] = -0.25
    assert judge([*models, rule], CHOICE, "all").sentences[-1] == "What they spend: bg-nbd is off by -20.7% in total."
