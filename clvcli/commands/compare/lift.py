"""Lift: what campaigns brought, against the control group that they left out. Intention to treat.

Everybody of OLD counts in the arm that the hash gave, whether a campaign reached them or not; stage, action, clv and
spend are those of OLD, before the campaigns; outcomes are what happened between OLD and NEW.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from clvcli.commands.compare.arms import MIN_ARM, Array, Difference, Flags, adjusted, difference, false_discovery
from clvcli.commands.compare.pair import Pair
from clvcli.commands.compare.power import NIGHTLY
from clvcli.core.errors import Notice
from clvcli.core.marked import marked

CAP_QUANTILE = 0.99
ALPHA = 0.05
MIN_EVENTS = {"bought": 10, "spend": 20}
"""Fewer buyers (for `bought` also fewer non-buyers) in an arm: no interval is to be trusted, none is given. Amounts are
skewed, and with ten control buyers their intervals fail more often than they say.
"""
TOO_SMALL = "too small to tell"
OUTCOMES = ("bought", "spend")


@dataclass(frozen=True)
class LiftRow:
    """One comparison. Effects are treated minus control: of `bought` a share, of `spend` money a customer.

    `scope`: all, stage, action (of several stages), campaign and campaign variant (see campaigns.py), variant (against
    control) or variants (against the first variant, both treated). `plain` is the difference of means, `adjusted` Lin's
    (of campaigns: see joint.py), both with 95 % intervals; null where an arm has too few buyers. `q` is the p-value of
    the adjusted one (else of the plain) after Benjamini-Hochberg over the family. `verdict`: more, less, or "too small
    to tell".
    """

    scope: str
    name: str
    outcome: str
    treated: int
    control: int
    mean_treated: float
    mean_control: float
    plain: Difference | None
    adjusted: Difference | None
    q: float | None = None
    verdict: str = TOO_SMALL

    @property
    def best(self) -> Difference | None:
        """The estimate that the verdict is about. Of a campaign the plain one holds what others brought too."""
        return self.adjusted or (None if self.scope.startswith("campaign") else self.plain)

    @property
    def detectable(self) -> float | None:
        """The smallest true effect that 80 % of such trials would find, alone at the 5 % level."""
        return self.best.detectable if self.best else None

    @property
    def nightly(self) -> tuple[float, float] | None:
        """The interval that holds on every night at once, for who looks every night: see power.py."""
        if self.best is None:
            return None
        return self.best.estimate - NIGHTLY * self.best.error, self.best.estimate + NIGHTLY * self.best.error

    @property
    def total(self) -> float | None:
        """The effect over all treated customers: extra buyers, or extra money."""
        return self.best.estimate * self.treated if self.best else None


@dataclass(frozen=True)
class Lift:
    """All comparisons; `cap`: spend above it counts as the cap; `left_out`: customers that no comparison has."""

    rows: tuple[LiftRow, ...]
    cap: float
    left_out: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class _Trial:
    scope: str
    name: str
    rows: pl.DataFrame
    treated: str = "treated"


def lift(pair: Pair, cap: float | None = None) -> Lift | None:
    """Lift overall, by stage, action and variant; None where OLD has no control group.

    Two families are corrected: the overall effects, and everything else. `cap` replaces the 99th percentile of OLD.
    """
    if not pair.both["old_in_control"].fill_null(value=False).any():
        return None
    limit = cap if cap is not None else spend_cap(pair)
    everyone = pair.both.filter(pl.col("old_in_control").is_not_null())
    trial = prepared(everyone.filter(pl.col("bought").is_not_null()), limit)
    acted = trial.filter(pl.col("old_action").is_not_null())
    rows = acted if acted.height else trial
    families = [list(_overall(rows)), list(_parts(rows))]
    results = [row for family in families for row in corrected([r for t in family for r in _compared(t)])]
    return Lift(tuple(results), limit, everyone.height - rows.height, tuple(_doubts(everyone, results)))


def spend_cap(pair: Pair) -> float:
    """The 99th percentile of total_spend in OLD: known before the campaigns, so that it cannot follow their effect."""
    spend = pair.old.frame.filter(pl.col("purchases") > 0)["total_spend"]
    found = spend.quantile(CAP_QUANTILE, "higher")
    return float(found) if found is not None else 0.0


def prepared(rows: pl.DataFrame, cap: float) -> pl.DataFrame:
    top = cap if cap > 0 else None
    return rows.with_columns(
        treated=~pl.col("old_in_control"),
        bought=pl.col("bought").cast(pl.Float64),
        spend=pl.col("spend_between").clip(upper_bound=top),
        clv=pl.col("old_clv").fill_null(0.0),
        earlier=pl.col("old_total_spend").fill_null(0.0).clip(upper_bound=top),
    )


def _overall(rows: pl.DataFrame) -> Iterator[_Trial]:
    yield _Trial("all", "all", rows)


def _parts(rows: pl.DataFrame) -> Iterator[_Trial]:
    stages = rows.drop_nulls("old_stage").group_by("old_stage", maintain_order=True)
    for (stage,), part in sorted(stages, key=lambda item: str(item[0][0])):
        yield _Trial("stage", str(stage), part)
    actions = rows.drop_nulls("old_action").group_by("old_action", maintain_order=True)
    for (action,), part in sorted(actions, key=lambda item: str(item[0][0])):
        if part["old_stage"].n_unique() > 1:
            yield _Trial("action", str(action), part)
    variants = rows["old_variant"].drop_nulls().unique().sort().to_list()
    for name in variants:
        yield _Trial("variant", name, rows.filter(~pl.col("treated") | (pl.col("old_variant") == name)))
    for name in variants[1:]:
        two = rows.filter(pl.col("treated") & pl.col("old_variant").is_in([variants[0], name]))
        chosen = two.with_columns(second=pl.col("old_variant") == name)
        yield _Trial("variants", f"{name} against {variants[0]}", chosen, "second")


def _compared(trial: _Trial) -> Iterator[LiftRow]:
    """A row for each outcome; none where an arm has fewer than 10 customers."""
    treated = trial.rows[trial.treated].to_numpy()
    if min(treated.sum(), (~treated).sum()) < MIN_ARM:
        return
    covariates = covariates_of(trial.rows, treated)
    for outcome in OUTCOMES:
        values = trial.rows[outcome].to_numpy()
        enough = has_events(trial.rows["bought"].to_numpy(), treated, outcome)
        yield LiftRow(
            scope=trial.scope, name=trial.name, outcome=outcome,
            treated=int(treated.sum()), control=int((~treated).sum()),
            mean_treated=float(values[treated].mean()), mean_control=float(values[~treated].mean()),
            plain=difference(values, treated) if enough else None,
            adjusted=adjusted(values, treated, covariates) if enough else None,
        )  # fmt: skip


def has_events(bought: Array, treated: Flags, outcome: str) -> bool:
    """Whether both arms have enough buyers, and for `bought` as many who did not buy."""
    arms = [bought[treated], bought[~treated]]
    events = [arm.sum() for arm in arms] + ([(1 - arm).sum() for arm in arms] if outcome == "bought" else [])
    return bool(min(events) >= MIN_EVENTS[outcome])


def covariates_of(rows: pl.DataFrame, treated: Flags) -> Array:
    """Old spend and clv, and an indicator of every old stage but the largest that has both arms in number.

    log(1 + 3 value / mean): a few very large values in a small arm would else decide its regression (measured: 10 %
    false alarms of `bought` with the plain values, 5 % with these, and narrower intervals).

    Stages with fewer than 10 customers in an arm stand together with the largest: alone they would decide nothing.
    """
    stages = rows["old_stage"]
    counted = (
        pl.DataFrame({"stage": stages, "treated": treated})
        .group_by("stage")
        .agg(one=pl.col("treated").sum(), zero=(~pl.col("treated")).sum(), n=pl.len())
        .filter((pl.col("one") >= MIN_ARM) & (pl.col("zero") >= MIN_ARM))
        .sort(["n", "stage"], descending=[True, False])
    )
    strata = [(stages == name).cast(pl.Float64).to_numpy() for name in counted["stage"].to_list()[1:]]
    return np.column_stack([_curbed(rows["earlier"].to_numpy()), _curbed(rows["clv"].to_numpy()), *strata])


def _curbed(values: Array) -> Array:
    positive = np.maximum(values, 0.0)
    mean = positive.mean()
    return np.log1p(3 * positive / mean) if mean > 0 else positive


def corrected(rows: Sequence[LiftRow]) -> Iterator[LiftRow]:
    """The rows with q and verdict; those without an estimate claim nothing and are no part of the family."""
    q = iter(false_discovery(np.array([row.best.p for row in rows if row.best])))
    for row in rows:
        if row.best is None:
            yield row
            continue
        value = float(next(q))
        found = ("more" if row.best.estimate > 0 else "less") if value <= ALPHA else TOO_SMALL
        yield replace(row, q=value, verdict=found)


def _doubts(everyone: pl.DataFrame, rows: Sequence[LiftRow]) -> Iterator[Notice]:
    """What speaks against the trial itself."""
    if not rows:
        text = marked("an arm has fewer than {n:d} customers: raise control_group share", n=MIN_ARM)
        yield Notice("control_too_small", text)
        return
    for arm, there in everyone.group_by("old_in_control").agg(pl.col("bought").is_not_null().mean()).sort(
        "old_in_control"
    ).iter_rows():  # fmt: skip
        if there < 1:
            message = marked(
                "{share:.1%} of the {arm} customers vanished; who is missing may differ between the arms",
                share=1 - there, arm=marked("control") if arm else marked("treated"),
            )  # fmt: skip
            yield Notice("lost_to_follow_up", message)
    changed = everyone.filter(pl.col("new_in_control") != pl.col("old_in_control")).height
    if changed:
        text = marked(
            "{n:,} customers changed between treated and control: keep the salt and share of control_group", n=changed
        )
        yield Notice("control_changed", text)
