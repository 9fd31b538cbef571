"""`clv fit`: the models of a log, their cuts, and the file that `score --use-model` reads."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clvcli.core.errors import ModelError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.options import FitOptions
from clvcli.core.run_day import run_day
from clvcli.engines import local
from clvcli.engines.people import read_attributes
from clvcli.engines.registry import machine_of
from clvcli.lifecycle.load import load_rules
from clvcli.log.sources import find_sources
from clvcli.output import Outputs
from clvcli.scoring import manifest
from clvcli.scoring.choose import settle
from clvcli.scoring.covaried import covaried, encode, refuse_covariates
from clvcli.scoring.describe import predict
from clvcli.scoring.drift import fitted_on
from clvcli.scoring.portfolio import CUSTOMERS, Rehearsals, rehearse
from clvcli.scoring.run_models import acquired_from, basis_seen, fitted, needs_of, scorer_of, season_terms, with_season
from clvcli.scoring.saved_model import SavedModel, model_json
from clvcli.scoring.table import write_bytes
from clvcli.scoring.thresholds import cuts_of


@dataclass(frozen=True)
class Fitted:
    """The content of the model file, as bytes and as plain values, and where it went."""

    model: dict[str, Any]
    content: bytes
    output: str | None
    notices: tuple[Notice, ...]


def fit(options: FitOptions, stage: Callable[[str], None]) -> Fitted:
    """Fits and saves. Raises ModelError (5) when there is not enough data for a purchase model."""
    if options.output == "-" and (options.json or options.result_format != "text"):
        flag = "--json" if options.json else "--format"
        raise UsageError(marked("{flag} and the model cannot both go to stdout", flag=flag), hint="-o FILE")
    paths = [source.path for source in find_sources(options.data).sources]
    targets = {"model": options.output} if options.output else {}
    others = [p for p in (options.config, options.rules) if p and os.path.isfile(p)]
    with Outputs(targets, [*paths, *others], log_file=options.log_file) as outputs:
        refuse_covariates(options)
        stage("reading")
        rules = load_rules(options.rules)
        people = read_attributes(options.customers, rules, group=options.by)
        engine = machine_of(options)
        log = engine.read(options, run_day(), people, needs_of(options, None))
        options, choice = settle(options, local, log.bought, log.as_of)
        customers = engine.everyone(log, people, needs_of(options, None))
        basis = basis_seen(options.spend_basis, log.basis)
        since = acquired_from(options)
        known, of_covariates = encode(options, None, customers, since)
        stage("fitting")
        calibration = fitted(options, None, local, customers, log.as_of, basis, None)
        if known is not None:
            customers = known.customers
            calibration = covaried(calibration, known, local, log.as_of, since, None)
        purchase = calibration.pooled.purchase
        if not purchase.usable:
            raise ModelError(
                purchase.message or "there is not enough data for a model",
                hint="clv check DATA says why",
                code="too_little_data",
            )
        scorer = scorer_of(options, log.as_of, basis, calibration)
        _, counts = season_terms(log.bought.amounts, customers)

        def rehearsed() -> Rehearsals | None:
            return rehearse(local, engine.few(log, CUSTOMERS), scorer, calibration.pooled.purchase.name, since=since)

        first = engine.first_day(log, customers)
        scorer, of_horizon, _ = with_season(options, scorer, first, counts, rehearsed)
        cuts = cuts_of(predict(customers, scorer), rules.breakpoints, options.decimals)
        groups = {} if calibration.covariates else calibration.groups
        model = SavedModel(
            calibration.pooled, groups, cuts, basis, log.as_of, fitted_on(customers, since, list(groups)), since,
            calibration.covariates,
        )  # fmt: skip
        saved = model_json(model, basis, log.as_of, options.time_unit)
        if choice is not None:
            saved["choice"] = choice.as_json()
        content = manifest.encode(saved)
        if options.output:
            outputs.write("model", lambda sink: write_bytes(content, sink))
            outputs.commit()
    notices = (*log.quality.notices, *people.notices, *of_covariates, *calibration.notices, *of_horizon)
    return Fitted(saved, content, options.output, notices)
