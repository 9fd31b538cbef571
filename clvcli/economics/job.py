"""`clv economics` from top to bottom: read -> score -> periods -> figures of each group -> what to trust."""

import dataclasses
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from clvcli.economics import cohorts as cohort
from clvcli.economics import forecast as ahead
from clvcli.economics import ltv
from clvcli.economics.best import Trait, best_fifth, traits
from clvcli.economics.concentration import gini, top_share
from clvcli.economics.contracts import relationships
from clvcli.economics.figures import Figures, Setting, figures_of
from clvcli.economics.journey import Step, first_to_second, lead_to_first, service_return
from clvcli.economics.ltv import Cac
from clvcli.economics.model_value import ModelValue, model_value
from clvcli.economics.mrr import MrrChurn, mrr_churn
from clvcli.economics.periods import PER_YEAR
from clvcli.economics.renewal import Retention, retentions
from clvcli.economics.rows import period_rows
from clvcli.economics.source import Source, groups_of, members_of, read_source
from clvcli.economics.spend import Spend, read_spend, spend_and_new
from clvcli.economics.trust import Verdict, verdict_of, verdict_of_contracts
from clvcli.errors import Notice, UsageError
from clvcli.formats.base import format_of
from clvcli.horizon import parse_span
from clvcli.ingest.sources import find_sources
from clvcli.options import EconomicsOptions
from clvcli.output import Outputs
from clvcli.run_day import run_day
from clvcli.scored import Stage, refuse_warnings
from clvcli.table import write_table

CONTRACT_HORIZON = "5y"
"""How far contracts are looked ahead when no --horizon was asked for."""


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


@dataclass(frozen=True)
class Economics:
    """The result. `rows` is the table that -o writes; `concentration` maps what was measured to (best fifth, Gini)."""

    source: Source
    horizon: str
    groups: tuple[Group, ...]
    rows: pl.DataFrame
    first_to_second: Step | None
    lead_to_first: Step | None
    service: Step | None
    traits: tuple[Trait, ...]
    best_by: str
    cohorts: pl.DataFrame
    concentration: dict[str, tuple[float | None, float | None]]
    forecast: tuple[ahead.Month, ...]
    retention: tuple[Retention, ...]
    notices: tuple[Notice, ...]


def economics(options: EconomicsOptions, stage: Stage) -> Economics:
    """Computes everything and writes -o. Raises ClvError only."""
    if options.json and options.output == "-":
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    inputs = [s.path for s in find_sources(options.data).sources]
    inputs += [p for p in (options.customers, options.spend, options.config) if p]
    with Outputs({"table": options.output} if options.output else {}, inputs) as outputs:
        done = computed(options, run_day(), stage)
        if options.strict:
            refuse_warnings(done.notices)
        if options.output:
            name = format_of(options.output, options.format)
            outputs.write("table", lambda sink: write_table(done.rows, name, sink))
            outputs.commit()
    return done


def computed(options: EconomicsOptions, today: date, stage: Stage) -> Economics:
    """Everything but the output."""
    source = read_source(options, today, stage)
    horizon = options.horizon
    if source.contracts is not None and options.sources.get("horizon", "default") == "default":
        horizon = CONTRACT_HORIZON
    as_of, decimals = source.log.as_of, options.decimals
    days = parse_span(horizon).days(as_of)
    setting = Setting(source.calendar, source.window, decimals, days / 30.4375, _retention_years(options, as_of))
    spend = read_spend(options.spend, source.calendar, options.by) if options.spend else None
    stage("computing")
    groups = [_group(source, c, v, setting, horizon, spend, options) for c, v in groups_of(source, options.by)]
    buyers = source.customers.filter(pl.col("purchases") > 0)
    curves = _retentions(source, None, setting, options)
    measures = _measures(source, buyers)
    best_by = next(iter(measures))
    return Economics(
        source=source,
        horizon=horizon,
        groups=tuple(groups),
        rows=pl.concat([period_rows(g.column, g.value, g.periods, source, spend, decimals) for g in groups]),
        first_to_second=first_to_second(buyers, as_of) if source.contracts is None else None,
        lead_to_first=_leads(source, options, as_of),
        service=service_return(source.log.lines, as_of) if options.service and source.log.lines is not None else None,
        traits=tuple(traits(buyers, _attributes(source, options), best_fifth(measures[best_by]))),
        best_by=best_by,
        cohorts=cohort.cohorts(source.visits, source.calendar, decimals),
        concentration={name: _spread(values) for name, values in measures.items()},
        forecast=tuple(_forecast(source, curves, groups[0].figures, days, options)),
        retention=tuple(curves),
        notices=_notices(source, spend),
    )


def _group(
    source: Source, column: str | None, value: str | None, setting: Setting, horizon: str, spend: Spend | None,
    options: EconomicsOptions,
) -> Group:  # fmt: skip
    members = members_of(source, column, value)
    visits = source.visits_in(None if column is None else members.select("customer_id"))
    periods = source.periods_in(visits)
    mrr = None
    if source.contracts is None:
        buyers = members.filter(pl.col("purchases") > 0)
        profit, revenue = float(periods["profit"].sum()), float(periods["revenue"].sum())
        model = model_value(buyers, source.scored.scorer, profit / revenue if revenue else None)
        figures = figures_of(visits, periods, model, setting)
        verdict = verdict_of(figures, source.calendar.unit, horizon)
    else:
        curves = _retentions(source, None if column is None else members, setting, options)
        figures = figures_of(None, periods, _of_contracts(curves), setting)
        verdict = verdict_of_contracts(figures, curves, source.calendar.unit, horizon)
        mrr = mrr_churn(periods, source.calendar, setting.decimals)
    what_if = None if options.retention is None else _what_if(figures, options.retention)
    cac = _cac(figures, periods, spend, column, value)
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
    clvs = {"churn": figures.ways.churn, "sales": figures.ways.sales, "model": figures.ways.model.new}
    return {way: ltv.cac(total, new, clv, figures.margin_per_month) for way, clv in clvs.items()}


def _retentions(
    source: Source, members: pl.DataFrame | None, setting: Setting, options: EconomicsOptions
) -> list[Retention]:
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


def _forecast(
    source: Source, curves: list[Retention], everybody: Figures, days: float, options: EconomicsOptions
) -> list[ahead.Month]:
    if source.contracts is None:
        buyers = source.customers.filter(pl.col("purchases") > 0)
        return ahead.forecast(buyers, source.scored.scorer, options.new_per_month)
    running = relationships(source.contracts.spells).filter(pl.col("end").is_null())
    monthly = None if everybody.churn.rate is None else everybody.churn.rate * PER_YEAR[options.period] / 12
    return ahead.contract_forecast(
        source.contracts, running, curves, monthly, days, options.new_per_month, options.decimals
    )  # fmt: skip


def _attributes(source: Source, options: EconomicsOptions) -> list[str]:
    from_file = list(source.scored.people.shown)
    return list(dict.fromkeys([*from_file, *(c for c in options.by if c in source.customers.columns)]))


def _leads(source: Source, options: EconomicsOptions, as_of: date) -> Step | None:
    if source.scored.people.frame is None:
        if options.signup:
            raise UsageError("--signup needs --customers", hint="--customers FILE")
        return None
    there = source.scored.people.frame.select("customer_id")
    return lead_to_first(source.customers.join(there, on="customer_id", how="semi"), options.signup, as_of)


def _measures(source: Source, buyers: pl.DataFrame) -> dict[str, pl.Series]:
    """What customers are ranked by, the best measure first: clv and spend, or what contracts have brought so far."""
    if source.contracts is None:
        return {name: buyers[name] for name in ("clv", "total_spend") if buyers[name].count() or name == "total_spend"}
    paid = source.visits.group_by("customer_id").agg(pl.col("revenue").sort().sum())
    joined = buyers.select("customer_id").join(paid, on="customer_id", how="left", maintain_order="left")
    return {"revenue": joined["revenue"].fill_null(0.0)}


def _spread(values: pl.Series) -> tuple[float | None, float | None]:
    numbers = np.asarray(values.drop_nulls().to_numpy(), dtype=np.float64)
    return top_share(numbers), gini(numbers)


def _retention_years(options: EconomicsOptions, as_of: date) -> float | None:
    """Whole months count as twelfths, so that 3y are 3 years whatever leap days lie in them."""
    if options.retention_time is None:
        return None
    span = parse_span(options.retention_time, infinite=False)
    if span.unit in "my" and span.count is not None:
        return span.count / (12 if span.unit == "m" else 1)
    return span.days(as_of) / 365.25


def _notices(source: Source, spend: Spend | None) -> tuple[Notice, ...]:
    found = list(source.scored.notices)
    if source.contracts is not None:
        unseen = source.contracts.spells["customer_id"].n_unique() - source.visits["customer_id"].n_unique()
        if unseen:
            found.append(
                Notice(
                    "contracts_within_a_period",
                    f"{unseen} customers came and left between two ends of a {source.calendar.unit}: MRR does not show "
                    f"them; --period week does",
                )
            )
    elif spend is not None and not spend.dated:
        found.append(Notice("undated_spend", "--spend has no date or month: it is held against all new customers"))
    return tuple(dataclasses.replace(n) for n in found)
