"""Everything of one group of customers: figures, verdict, periods, cost of acquisition, what if."""

from dataclasses import dataclass

import polars as pl

from clvcli.commands.economics import ltv
from clvcli.commands.economics.contracts import relationships
from clvcli.commands.economics.figures import Figures, Setting, figures_of
from clvcli.commands.economics.ltv import Cac
from clvcli.commands.economics.model_value import ModelValue, model_value
from clvcli.commands.economics.mrr import MrrChurn, mrr_churn
from clvcli.commands.economics.own_models import OwnModel
from clvcli.commands.economics.renewal import Retention, retentions
from clvcli.commands.economics.source import ASSIGNED, Source, members_of
from clvcli.commands.economics.spend import Spend, spend_and_new
from clvcli.commands.economics.trust import Verdict, verdict_of, verdict_of_contracts, verdict_of_stage
from clvcli.core.options import EconomicsOptions


@dataclass(frozen=True)
class WhatIf:
    """Lifetime value if retention moved: in revenue and in margin, None with a reason."""

    retention: str
    churn: float | None
    ltv_revenue: float | None
    ltv: float | None
    reason: str | None


@dataclass(frozen=True)
class Group:
    """Everything of one group; `column` and `value` are None for everybody. `cac` by the way its clv was computed."""

    column: str | None
    value: str | None
    figures: Figures
    verdict: Verdict
    periods: pl.DataFrame
    cac: dict[str, Cac] | None
    what_if: WhatIf | None
    mrr: MrrChurn | None


def group_figures(
    source: Source, column: str | None, value: str | None, setting: Setting, horizon: str, spend: Spend | None,
    options: EconomicsOptions, model: OwnModel,
) -> Group:  # fmt: skip
    """The figures of the customers whose `column` has the `value`; `model`: theirs."""
    members = members_of(source, column, value)
    visits = source.visits_in(None if column is None else members.select("customer_id"))
    periods = source.periods_in(visits)
    mrr = None
    if source.contracts is None:
        buyers = members.filter(pl.col("purchases") > 0)
        profit, revenue = float(periods["profit"].sum()), float(periods["revenue"].sum())
        arrive = column not in ASSIGNED
        worth = model_value(buyers, model, profit / revenue if revenue else None, arrive=arrive)
        figures = figures_of(visits, periods, worth, setting)
        verdict = verdict_of(figures, source.calendar.unit, horizon) if arrive else verdict_of_stage(worth, horizon)
    else:
        curves = contract_retentions(source, None if column is None else members, setting, options)
        figures = figures_of(None, periods, _of_contracts(curves), setting)
        verdict = verdict_of_contracts(figures, curves, source.calendar.unit, horizon)
        mrr = mrr_churn(periods, source.calendar, setting.decimals)
    what_if = None if options.retention is None else _what_if(figures, options.retention)
    cac = None if column in ASSIGNED else _cac(figures, periods, spend, column, value)
    return Group(column, value, figures, verdict, periods, cac, what_if, mrr)


def _what_if(figures: Figures, text: str) -> WhatIf:
    churn = figures.churn.rate
    if churn is None:
        return WhatIf(text, None, None, None, figures.churn.reason)
    moved = ltv.churn_after(churn, text)
    if moved is None:
        return WhatIf(text, None, None, None, f"from a churn of {churn:.1%}, {text} leaves none to divide by")
    return WhatIf(text, moved, ltv.by_churn(figures.arpa, moved), ltv.by_churn(figures.ampu, moved), None)


def _cac(
    figures: Figures, periods: pl.DataFrame, spend: Spend | None, column: str | None, value: str | None
) -> dict[str, Cac] | None:
    rows = spend.of(column, value) if spend else None
    if spend is None or rows is None:
        return None
    total, new = spend_and_new(rows, periods, dated=spend.dated)
    model = figures.ways.model
    clvs = {"churn": figures.ways.churn, "sales": figures.ways.sales, "model": model.new}
    costs = {way: ltv.cac(total, new, clv, figures.margin_per_month) for way, clv in clvs.items()}
    costs["model"] = ltv.with_interval(costs["model"], model.new_low, model.new_high)
    return costs


def contract_retentions(
    source: Source, members: pl.DataFrame | None, setting: Setting, options: EconomicsOptions
) -> list[Retention]:
    """Contract retention of the members, or of everybody; [] for a log of purchases."""
    if source.contracts is None:
        return []
    spells = source.contracts.spells
    if members is not None:
        spells = spells.join(members.select("customer_id"), on="customer_id", how="semi", maintain_order="left")
    joined = relationships(spells)
    margin = source.margin
    if source.margins is not None and joined.height:
        margin = float(joined.join(source.margins, on="customer_id", how="left")["margin"].sort().mean() or 0.0)  # type: ignore[arg-type]
    return retentions(
        joined, source.contracts.as_of, margin=margin, discount_rate=options.discount_rate,
        horizon_months=setting.horizon_months, decimals=setting.decimals,
    )  # fmt: skip


def _of_contracts(curves: list[Retention]) -> ModelValue:
    """The value of a new contract, the renewal lengths weighted by how many contracts have them."""
    known = [c for c in curves if c.value is not None]
    left = sum(c.left for c in curves)
    if not known or sum(c.contracts for c in known) < 0.5 * sum(c.contracts for c in curves):
        reason = curves[0].fit.message if curves else "there is no contract"
        return ModelValue(None, None, None, None, "insufficient_data", left, reason)
    weight = sum(c.contracts for c in known)
    value = sum(c.contracts * (c.value or 0.0) for c in known) / weight
    payments = sum(c.contracts * (c.payments or 0.0) for c in known) / weight
    status = max(known, key=lambda c: c.contracts).fit.status
    return ModelValue(None, None, value, payments, status, left, None)
