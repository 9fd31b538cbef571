"""Rules in the past: did the stages tell customers apart who then did different things?

Stages are given as `clv score` would have given them at the origin; the holdout says how many of a stage bought again
and what they spent. The ranking by stages stands against the plain scores and the rank by CLV.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from clvcli.commands.backtest.metrics import Row
from clvcli.commands.backtest.origin import Judged
from clvcli.core.options import BacktestOptions
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.load import Rules
from clvcli.models import scores
from clvcli.models.base import Array
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.choose import DEFAULT
from clvcli.scoring.classify import classify
from clvcli.scoring.describe import predict
from clvcli.scoring.run_models import scorer_of
from clvcli.scoring.thresholds import cuts_of


def judge_rules(rules: Rules, options: BacktestOptions, judged: Sequence[Judged], model: str) -> dict[str, object]:
    """`stages`: customers, share, later purchase rate and spend of each stage over the folds; `rankings`: normalised
    Gini of later spend and AUC of who bought, for the stages, plain R + FM and the rank by CLV."""
    compiled = compile_rules(rules, {})
    tables = [_classified(rules, compiled, options, one, model) for one in judged]
    held = [
        t.with_columns(bought=one.cases.bought, spent=one.cases.spend) for t, one in zip(tables, judged, strict=True)
    ]
    return {"name": rules.name, "stages": _stages(compiled, held), "rankings": _rankings(held)}


def _classified(rules: Rules, compiled: Compiled, options: BacktestOptions, one: Judged, model: str) -> pl.DataFrame:
    """The customers of an origin as `clv score` would have shown them on that day."""
    fits = one.fits.get(model) or one.fits.get(DEFAULT)
    calibration = Calibration(fits, {}, options.spend_basis, ()) if fits else None
    interval = bool(compiled.needs & {"clv_low", "clv_high"})
    scorer = scorer_of(options, one.cases.fold.origin, options.spend_basis, calibration)
    table = predict(one.cases.customers, replace(scorer, margin=1.0, interval=interval))
    cuts = cuts_of(table, rules.breakpoints, options.decimals)
    return classify(table, cuts, compiled, one.cases.fold.origin)


def _stages(compiled: Compiled, held: Sequence[pl.DataFrame]) -> list[Row]:
    everyone = pl.concat([t.select("stage", "bought", "spent") for t in held])
    found = []
    for stage, phase in compiled.stage_names:
        part = everyone.filter(pl.col("stage") == stage)
        n, total = part.height, math.fsum(part["spent"])
        found.append(
            {
                "stage": stage,
                "phase": phase,
                "at_risk": stage in compiled.at_risk,
                "customers": n,
                "share": n / everyone.height,
                "bought": float(part["bought"].sum()) / n if n else None,
                "spend": total / n if n else None,
            }
        )
    return found


def _rankings(held: Sequence[pl.DataFrame]) -> list[Row]:
    """Means over folds. A stage ranks by the mean CLV of its customers at the origin."""
    ranks = {"stages": _stage_rank, "R + FM": _plain_rank, "CLV": _clv_rank}
    rows = []
    for name, rank in ranks.items():
        by = [rank(table) for table in held]
        pairs = list(zip(by, held, strict=True))
        rows.append(
            {
                "ranking": name,
                "gini": _mean([scores.gini(table["spent"].to_numpy(), b) for b, table in pairs]),
                "auc": _mean([scores.auc(table["bought"].to_numpy(), b) for b, table in pairs]),
            }
        )
    return rows


def _stage_rank(table: pl.DataFrame) -> Array:
    worth = table.group_by("stage").agg(worth=pl.col("clv").fill_null(0.0).sort().mean())
    return table.select("stage").join(worth, on="stage", how="left", maintain_order="left")["worth"].to_numpy()


def _plain_rank(table: pl.DataFrame) -> Array:
    return table.select(pl.col("r_score") + (pl.col("f_score") + pl.col("m_score")) / 2.0).to_series().to_numpy()


def _clv_rank(table: pl.DataFrame) -> Array:
    return table["clv"].fill_null(0.0).to_numpy()


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None
