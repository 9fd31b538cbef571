"""`clv economics` from top to bottom: read -> score -> periods -> figures of each group -> what to trust."""

import dataclasses
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from clvcli.commands.economics import cohorts as cohort
from clvcli.commands.economics import forecast as ahead
from clvcli.commands.economics.best import Trait, best_fifth, traits
from clvcli.commands.economics.concentration import gini, top_share
from clvcli.commands.economics.contract_stages import with_stages
from clvcli.commands.economics.contract_values import ContractValues, contract_values
from clvcli.commands.economics.contracts import relationships
from clvcli.commands.economics.exports import recognised
from clvcli.commands.economics.figures import Figures, Setting
from clvcli.commands.economics.group import Group, contract_retentions, group_figures
from clvcli.commands.economics.journey import Step, first_to_second, lead_to_first, service_return
from clvcli.commands.economics.own_models import own_models
from clvcli.commands.economics.periods import PER_YEAR
from clvcli.commands.economics.renewal import Retention
from clvcli.commands.economics.rows import period_rows
from clvcli.commands.economics.source import Source, groups_of, read_source
from clvcli.commands.economics.spend import Spend, read_spend
from clvcli.core.errors import Notice, UsageError
from clvcli.core.horizon import parse_span
from clvcli.core.marked import marked
from clvcli.core.options import EconomicsOptions
from clvcli.core.run_day import run_day
from clvcli.log.sources import find_sources
from clvcli.output import Outputs
from clvcli.output.formats.base import format_of
from clvcli.scoring.scored import Stage, refuse_warnings
from clvcli.scoring.table import write_table

CONTRACT_HORIZON = "5y"
"""How far contracts are looked ahead when no --horizon was asked for."""


@dataclass(frozen=True)
class Economics:
    """The result. `rows`: a row a group and period; `contracts`: those of a subscription log; `table`: what -o writes;
    `concentration` maps what was measured to (best fifth, Gini)."""

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
    contracts: ContractValues | None
    table: pl.DataFrame
    notices: tuple[Notice, ...]


def economics(options: EconomicsOptions, stage: Stage) -> Economics:
    """Computes everything and writes -o. Raises ClvError only."""
    if options.json and options.output == "-":
        raise UsageError("--json and the table cannot both go to stdout", hint="-o FILE")
    inputs = [s.path for s in find_sources(options.data).sources]
    inputs += [p for p in (options.customers, options.spend, options.config) if p]
    with Outputs({"table": options.output} if options.output else {}, inputs, log_file=options.log_file) as outputs:
        done = computed(options, run_day(), stage)
        if options.strict:
            refuse_warnings(done.notices)
        if options.output:
            name = format_of(options.output, options.format)
            outputs.write("table", lambda sink: write_table(done.table, name, sink))
            outputs.commit()
    return done


def computed(options: EconomicsOptions, today: date, stage: Stage) -> Economics:
    """Compute the result without writing it."""
    options, told = recognised(options)
    source = read_source(options, today, stage)
    horizon = options.horizon
    if source.contracts is not None and options.sources.get("horizon", "default") == "default":
        horizon = CONTRACT_HORIZON
    as_of, decimals = source.log.as_of, options.decimals
    days = parse_span(horizon).days(as_of)
    setting = Setting(source.calendar, source.window, decimals, days / 30.4375, _retention_years(options, as_of))
    spend = read_spend(options.spend, source.calendar, options.by) if options.spend else None
    stage("computing")
    keys = groups_of(source, options.by)
    models = own_models(source, keys, _since(options))
    groups = [group_figures(source, *key, setting, horizon, spend, options, models[key]) for key in keys]
    buyers = source.customers.filter(pl.col("purchases") > 0)
    curves = contract_retentions(source, None, setting, options)
    measures = _measures(source, buyers)
    best_by = next(iter(measures))
    rows = pl.concat([period_rows(g.column, g.value, g.periods, source, spend, decimals) for g in groups])
    contracts = _contracts(source, setting, options)
    return Economics(
        source=source,
        horizon=horizon,
        groups=tuple(groups),
        rows=rows,
        first_to_second=first_to_second(buyers, as_of) if source.contracts is None else None,
        lead_to_first=_leads(source, options, as_of),
        service=service_return(source.log.lines, as_of) if options.service and source.log.lines is not None else None,
        traits=tuple(traits(buyers, _attributes(source, options), best_fifth(measures[best_by]))),
        best_by=best_by,
        cohorts=cohort.cohorts(source.visits, source.calendar, decimals),
        concentration={name: _spread(values) for name, values in measures.items()},
        forecast=tuple(_forecast(source, curves, groups[0].figures, days, options)),
        retention=tuple(curves),
        contracts=contracts,
        table=rows if contracts is None or options.rows == "periods" else contracts.table,
        notices=(*told, *_notices(source, spend)),
    )


def _since(options: EconomicsOptions) -> date | None:
    return date.fromisoformat(options.acquired_from) if options.acquired_from else None


def _contracts(source: Source, setting: Setting, options: EconomicsOptions) -> ContractValues | None:
    if source.contracts is None:
        return None
    found = contract_values(
        source.contracts,
        horizon_months=setting.horizon_months,
        discount_rate=options.discount_rate,
        margin=source.margin if source.margins is None else source.margins,
        decimals=setting.decimals,
    )
    return dataclasses.replace(found, table=with_stages(found.table, source, options))


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
                    marked(
                        "{n:d} customers came and left between two ends of a {unit}: MRR does not show them; --period "
                        "week does",
                        n=unseen,
                        unit=source.calendar.unit,
                    ),
                )
            )
    elif spend is not None and not spend.dated:
        text = marked("--spend has no date or month: it is held against all new customers")
        found.append(Notice("undated_spend", text))
    return tuple(dataclasses.replace(n) for n in found)
