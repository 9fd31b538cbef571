"""What a backtest found, as plain values: what `-o` writes, the terminal draws and the report reads."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from clvcli import __version__
from clvcli.commands.backtest import metrics
from clvcli.commands.backtest.challenger import NAME, held_against, told
from clvcli.commands.backtest.evidence import evidence
from clvcli.commands.backtest.metrics import Row, averaged, pooled
from clvcli.commands.backtest.origin import Judged, models_of
from clvcli.commands.backtest.stages import judge_rules
from clvcli.commands.backtest.verdict import Verdict, judge
from clvcli.core.errors import ModelError, Notice
from clvcli.core.fields import SCHEMA
from clvcli.core.marked import marked, particulars
from clvcli.core.options import BacktestOptions
from clvcli.core.options.shared import SEASON_MONTH
from clvcli.lifecycle.load import Rules
from clvcli.log.read import Log
from clvcli.models.base import Array
from clvcli.models.scores import log_events
from clvcli.scoring.choose import DEFAULT, Choice, Held, Rival, compared, decide
from clvcli.scoring.covariates import named
from clvcli.scoring.lesson import one_time_notices
from clvcli.scoring.manifest import arguments, rows
from clvcli.scoring.rolling_origins import Fold

TABLES = {"decile": metrics.by_decile, "frequency": metrics.by_frequency, "age": metrics.by_age}


def content(options: BacktestOptions, log: Log, past: Sequence[Judged], rules: Rules | None) -> dict[str, Any]:
    """Everything but `run`. Raises ModelError when no model could be fitted at any origin."""
    fitted = [one for one in past if DEFAULT in one.fits]
    if not fitted:
        reason = next((one.failed for one in past if one.failed), "no model can be fitted")
        raise ModelError(
            reason, hint="clv check DATA says why; a shorter --holdout leaves more to fit on", code="too_little_data"
        )
    left_out, past = [one.cases.fold for one in past if DEFAULT not in one.fits], fitted
    methods = _methods(past)
    choice = _choice(options, past)
    verdict = judge(methods, choice, options.spend_basis, evidence(past, options.spend_basis))
    challenged = _challenged(past, choice.name, options.spend_basis)
    sentences = [*verdict.sentences, *([] if challenged is None else [told(challenged)])]
    calibration = {row["name"]: _calibration(past, row["name"]) for row in methods if row["kind"] == "model"}
    notices = [*log.quality.notices, *_notices(options, choice, verdict, calibration[choice.name], past, left_out)]
    return {
        "schema": SCHEMA,
        "clv": __version__,
        "command": "backtest",
        "as_of": log.as_of.isoformat(),
        "inputs": [dict(i) for i in log.quality.inputs],
        "columns": dict(log.quality.columns),
        "arguments": arguments(options),
        "rows": rows(log.quality),
        "holdout": {"days": past[0].cases.fold.days, "folds": len(past)},
        "folds": [_fold(one) for one in sorted(past, key=lambda one: one.cases.fold.origin)],
        "methods": methods,
        "choice": choice.as_json(),
        "variants": [asdict(v) for v in _variants(past, methods)],
        "challenger": challenged,
        "verdict": {
            "text": list(sentences),
            "told": [particulars(sentence) for sentence in sentences],
            "winners": dict(verdict.winners),
        },
        "calibration": calibration,
        "rules": None if rules is None else judge_rules(rules, options, past, choice.name),
        "warnings": [asdict(n) for n in notices],
    }


def _methods(past: Sequence[Judged]) -> list[Row]:
    """Every method that was there at all origins, with the means of its figures over them."""
    kinds = {f.name: (f.kind, f.note) for one in past for f in one.forecasts}
    result = []
    for name, (kind, note) in kinds.items():
        found = [row for one in past for f, row in zip(one.forecasts, one.rows, strict=True) if f.name == name]
        if len(found) == len(past):
            result.append({"name": name, "kind": kind, "note": note if len(past) == 1 else "", **averaged(found)})
    return result


def _choice(options: BacktestOptions, past: Sequence[Judged]) -> Choice:
    """What --model auto would take."""
    seen = {
        name: [
            Held(one.cases.customers["customer_id"], f.log_p, log_events(one.cases.bought, f.p_purchase))
            for one in past
            if (f := one.forecast(name)) is not None
        ]
        for name in models_of(options)
    }
    return decide(seen, past[0].cases.fold.days)


def _challenged(past: Sequence[Judged], model: str, basis: str) -> dict[str, Any] | None:
    """The challenger against the model in use, over the origins that have both."""
    pairs = [(one.cases, one.forecast(model), one.forecast(NAME)) for one in past]
    known = [(held, ours, theirs) for held, ours, theirs in pairs if ours is not None and theirs is not None]
    return held_against(known, basis) if known and all(basis in ours.value for _, ours, _ in known) else None


def _variants(past: Sequence[Judged], methods: Sequence[Row]) -> list[Rival]:
    """Models by group, with covariates and with months against the plain ones, by the log score."""

    def scored(name: str) -> list[tuple[pl.Series, Array]]:
        found = [(one.cases.customers["customer_id"], one.forecast(name)) for one in past]
        return [(ids, f.log_p) for ids, f in found if f is not None]

    names = [row["name"] for row in methods if row["kind"] == "variant"]
    return [compared(name, scored(plain_of(name)), scored(name)) for name in names]


def plain_of(variant: str) -> str:
    """The model of a variant: `bg-nbd` of `bg-nbd by group`."""
    return variant.partition(" ")[0]


def _fold(one: Judged) -> dict[str, Any]:
    """One origin: what happened, what every method said, the fits."""
    held = one.cases
    return {
        "origin": held.fold.origin.isoformat(),
        "end": held.fold.end.isoformat(),
        "days": held.fold.days,
        "customers": held.customers.height,
        "actual": {
            "purchases": int(held.later.sum()),
            "buyers": int(held.bought.sum()),
            "spend": round(float(held.spend.sum()), 6),
        },
        "methods": [
            {"name": f.name, "kind": f.kind, "note": f.note, **row}
            for f, row in zip(one.forecasts, one.rows, strict=True)
        ],
        "fits": [
            {"name": name, "params": dict(fits.purchase.params), "status": fits.purchase.status, "time_unit": "week"}
            for name, fits in one.fits.items()
        ],
    }


def _calibration(past: Sequence[Judged], name: str) -> dict[str, list[Row]]:
    """Expected against actual purchases over all folds: by decile, frequency, age, and customers by count."""
    pairs = [(f, one.cases) for one in past if (f := one.forecast(name)) is not None]
    tables = {key: pooled([make(f, held) for f, held in pairs], key) for key, make in TABLES.items()}
    return {**tables, "counts": pooled([metrics.counts(f, held) for f, held in pairs], "purchases")}


def _one_time(frequency: Sequence[Row]) -> tuple[float, float, int]:
    """One-time buyers who were expected to buy, who did, and how many they are, over all origins."""
    row = next((row for row in frequency if row["frequency"] == "0"), None)
    return (0.0, 0.0, 0) if row is None else (row["expected_buyers"], row["buyers"], row["customers"])


def _unanswered(options: BacktestOptions, past: Sequence[Judged]) -> list[Notice]:
    """What was asked for and could not be judged."""
    kinds = {f.name for one in past for f in one.forecasts if f.kind == "variant"}
    found = []
    if options.by and f"{DEFAULT} by group" not in kinds:
        text = marked(
            "no group of {by} is large enough for a model of its own at every origin: nothing to compare", by=options.by
        )
        found.append(Notice("groups_too_small", text))
    if named(options) and not any(name.endswith(" with covariates") for name in kinds):
        text = marked(
            "the covariates tell too few customers apart before an origin, or too few buy again: nothing to compare"
        )
        found.append(Notice("covariates_unused", text))
    if options.challenger and not any(one.forecast(NAME) for one in past):
        text = marked(
            "gradient boosting learns from 200 customers and 30 buyers at least before an origin: nothing to compare"
        )
        found.append(Notice("challenger_untaught", text))
    if options.seasonality == SEASON_MONTH and f"{DEFAULT} + month" not in kinds:
        text = marked(
            "--seasonality month cannot be judged: two full years are needed before an origin; try a shorter --holdout"
        )
        found.append(Notice("season_unknown", text))
    return found


def _notices(
    options: BacktestOptions,
    choice: Choice,
    verdict: Verdict,
    calibration: dict[str, list[Row]],
    past: Sequence[Judged],
    left_out: Sequence[Fold],
) -> list[Notice]:
    found = [
        Notice(
            "bias_by_age",
            marked(
                "customers first seen {age} before: {model} expects {ratio:.2f} times what they bought; season, or "
                "customers from before the log began (--acquired-from leaves those out of the fit)",
                age=band["age"],
                model=choice.name,
                ratio=band["ratio"],
            ),
        )
        for band in metrics.off_bands(calibration["age"])
    ]
    found += one_time_notices(choice.name, *_one_time(calibration["frequency"]), len(past))
    found += _unanswered(options, past)
    if verdict.heuristic is not None:
        found.append(Notice("heuristic_wins", verdict.headline))
    for fold in left_out:
        text = marked(
            "the origin {day:%Y-%m-%d} is left out: too little happened before it to fit a model", day=fold.origin
        )
        found.append(Notice("fold_left_out", text))
    if len(past) == 1:
        text = marked("one holdout only: chance and season weigh in; --holdout shorter gives more")
        found.append(Notice("one_fold", text))
    return found
