"""The result as JSON text."""

import dataclasses
import json
from typing import Any

from clvcli import __version__
from clvcli.commands.economics.churn import Churn
from clvcli.commands.economics.contract_values import ContractValues
from clvcli.commands.economics.figures import Figures, Ways
from clvcli.commands.economics.group import Group
from clvcli.commands.economics.job import Economics
from clvcli.commands.economics.ltv import TARGET_RATIO
from clvcli.commands.economics.periods import Calendar
from clvcli.commands.economics.renewal import Retention
from clvcli.core.options import EconomicsOptions
from clvcli.models.base import Fit
from clvcli.scoring.manifest import arguments, rows


def as_json(result: Economics, options: EconomicsOptions) -> bytes:
    """Every figure; no NaN, no infinity."""
    content = document(result, options)
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n").encode()


def document(result: Economics, options: EconomicsOptions) -> dict[str, Any]:
    """Plain values under plain names; amounts in currency units, rates as shares."""
    source = result.source
    quality, calendar = source.log.quality, source.calendar
    return {
        "schema": 1,
        "clv": __version__,
        "command": "economics",
        "as_of": source.log.as_of,
        "inputs": [dict(i) for i in quality.inputs],
        "arguments": arguments(options),
        "rows": rows(quality),
        "kind": "purchases" if source.contracts is None else "contracts",
        "period": calendar.unit,
        "horizon": result.horizon,
        "active_window": {"periods": source.window, "source": source.window_source},
        "groups": [_group(g, calendar) for g in result.groups],
        "periods": result.rows.to_dicts(),
        "journey": {
            "lead_to_first": _plain(result.lead_to_first),
            "first_to_second": _plain(result.first_to_second),
            "service_return": _plain(result.service),
        },
        "best_fifth": {"by": result.best_by, "traits": [dataclasses.asdict(t) for t in result.traits]},
        "cohorts": _cohorts(result, calendar),
        "concentration": {
            name: {"best_fifth": top, "gini": gini} for name, (top, gini) in result.concentration.items()
        },
        "forecast": [dataclasses.asdict(m) for m in result.forecast],
        "contract_retention": [_retention(r) for r in result.retention],
        "contracts": None if result.contracts is None else _contracts(result.contracts),
        "warnings": [n.document() for n in result.notices],
    }


def _group(group: Group, calendar: Calendar) -> dict[str, Any]:
    figures = group.figures
    return {
        "by": group.column or "all",
        "group": "all" if group.column is None else group.value,
        **_figures(figures, calendar),
        "ltv": _ways(figures.ways),
        "what_if": _plain(group.what_if),
        "cac": _cac(group),
        "mrr_churn": _plain(group.mrr),
        "trust": {**dataclasses.asdict(group.verdict), "why": list(group.verdict.why)},
    }


def _figures(figures: Figures, calendar: Calendar) -> dict[str, Any]:
    kept = (
        "customers",
        "purchases",
        "revenue",
        "margin",
        "average_order_value",
        "purchases_per_customer",
        "arpa",
        "ampu",
    )
    return {
        **{name: getattr(figures, name) for name in kept},
        "churn": _churn(figures.churn, calendar, figures.churn_twice_the_window),
        "lifetime": {"periods": figures.lifetime_periods, "months": figures.lifetime_months},
    }


def _churn(churn: Churn, calendar: Calendar, twice: float | None) -> dict[str, Any]:
    measured = churn.at_risk > 0
    return {
        "rate": churn.rate,
        "reason": churn.reason,
        "left": churn.left,
        "at_risk": churn.at_risk,
        "at_most": churn.at_most,
        "first_period": calendar.name(churn.first) if measured else None,
        "last_period": calendar.name(churn.last) if measured else None,
        "rate_at_twice_the_window": twice,
    }


def _ways(ways: Ways) -> dict[str, Any]:
    return {
        "churn": {"revenue": ways.churn_revenue, "margin": ways.churn, "within_horizon": ways.churn_within},
        "sales": {
            "revenue": ways.sales_revenue,
            "margin": ways.sales,
            "within_horizon": ways.sales_within,
            "purchases_per_year": ways.purchases_per_year,
            "retention_years": ways.retention_years,
            "retention_source": ways.retention_source,
        },
        "model": dataclasses.asdict(ways.model),
    }


def _cac(group: Group) -> dict[str, Any] | None:
    if group.cac is None:
        return None
    first = next(iter(group.cac.values()))
    shared = {"spend": first.spend, "new": first.new, "cac": first.cac, "payback_months": first.payback_months}
    ways = {
        way: {
            "clv": c.clv,
            "ratio": c.ratio,
            "ratio_low": c.ratio_low,
            "ratio_high": c.ratio_high,
            "reaches_target": c.reaches_target,
            "allowable": c.allowable,
        }
        for way, c in group.cac.items()
    }
    return {**shared, "reason": first.reason, "target_ratio": TARGET_RATIO, "by_way": ways}


def _cohorts(result: Economics, calendar: Calendar) -> list[dict[str, Any]]:
    return [{**row, "cohort": calendar.name(row["cohort"])} for row in result.cohorts.to_dicts()]


def _contracts(found: ContractValues) -> dict[str, Any]:
    """Totals of the running contracts, and the curves that they follow; the rows are in the table."""
    return {
        "running": found.running,
        "valued": found.valued,
        "expected_revenue": found.revenue,
        "revenue_low": found.low,
        "revenue_high": found.high,
        "retention_elasticity": found.elasticity,
        "curves": [
            {"renewal_months": c.renewal_months, "plan": c.plan, "cohort": c.cohort, "contracts": c.contracts,
             "left": c.left, "model": _model(c.fit)}
            for c in found.curves
        ],
    }  # fmt: skip


def _retention(curve: Retention) -> dict[str, Any]:
    values = {f.name: getattr(curve, f.name) for f in dataclasses.fields(curve) if f.name != "fit"}
    return {**values, "model": _model(curve.fit)}


def _model(fit: Fit) -> dict[str, Any]:
    return {
        "name": fit.name,
        "params": dict(fit.params),
        "log_likelihood": fit.log_likelihood,
        "status": fit.status,
        "message": fit.message,
    }


def _plain(value: Any) -> Any:
    return None if value is None else dataclasses.asdict(value)
