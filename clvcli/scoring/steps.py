"""The steps of scoring as an engine carries them: functions of a batch and frozen values."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from clvcli.engines.base import BELOW
from clvcli.lifecycle.compile import Compiled
from clvcli.scoring.classify import classify
from clvcli.scoring.describe import describe, with_models
from clvcli.scoring.groups import name_groups
from clvcli.scoring.terms import Scorer
from clvcli.scoring.thresholds import Cuts

FORMER = "_former_stage"


@dataclass(frozen=True)
class Describe:
    """Customers -> with the columns that need no model. It needs no fits of the scorer, and may be done before there
    are some."""

    scorer: Scorer

    def __call__(self, customers: pl.DataFrame) -> pl.DataFrame:
        return describe(customers, self.scorer)


@dataclass(frozen=True)
class Predict:
    """Customers, described or not yet -> predicted customers."""

    scorer: Scorer

    def __call__(self, customers: pl.DataFrame) -> pl.DataFrame:
        described = customers if "total_spend" in customers.columns else describe(customers, self.scorer)
        return with_models(name_groups(described, list(self.scorer.groups)), self.scorer)


@dataclass(frozen=True)
class Classify:
    """Predicted customers -> the scored table, internal columns too. With `former` rules FORMER has their stage."""

    cuts: Cuts
    compiled: Compiled
    as_of: date
    former: Compiled | None = None

    def __call__(self, predicted: pl.DataFrame) -> pl.DataFrame:
        table = classify(predicted, self.cuts, self.compiled, self.as_of).drop(BELOW, strict=False)
        if self.former is None:
            return table
        then = classify(predicted, self.cuts, self.former, self.as_of)["stage"].cast(pl.String)
        return table.with_columns(then.alias(FORMER))
