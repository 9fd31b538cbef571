"""The last step of scoring: scores and stages of a batch, from frozen cuts."""

from datetime import date

import polars as pl

from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.derived import Facts, derive
from clvcli.scoring.thresholds import Cuts


def classify(predicted: pl.DataFrame, cuts: Cuts, compiled: Compiled, as_of: date) -> pl.DataFrame:
    """Scores, then stages: a function of the batch and frozen values, the same on any slice of the customers."""
    facts = Facts(
        as_of=as_of,
        typical_gap=cuts.typical_gap,
        mean_gap=cuts.mean_gap,
        mean_p_purchase=cuts.mean_p_purchase,
        total_clv=cuts.total_clv,
    )
    return compiled.classify(derive(cuts.score(predicted), compiled.needs, facts))
