"""What is told of a scored log: stages, totals, and the series behind the report, in the manifest under `series`.

They are aggregates, so a page needs no log. `clvcli/report/` draws them and computes nothing.
"""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from clvcli.core.options import ScoreOptions
from clvcli.engines.base import Carrier, Rows
from clvcli.engines.series import Series, Together
from clvcli.lifecycle.actions import of_rules
from clvcli.lifecycle.compile import Compiled
from clvcli.lifecycle.kinds import as_given
from clvcli.lifecycle.names import COST
from clvcli.lifecycle.schema import Action, Holidays, Stage
from clvcli.models.base import Fit
from clvcli.scoring.calibration import Calibration
from clvcli.scoring.classify import facts_of
from clvcli.scoring.scored import RunResult, Scored
from clvcli.scoring.series.activity import Activity, cohorts, lifetime_spend, weekly
from clvcli.scoring.series.change import change, window_of
from clvcli.scoring.series.economics import Costs
from clvcli.scoring.series.fitted import Births, alive_grid, dropout, expected_repeats, purchase_rates
from clvcli.scoring.series.lists import Lists, Top
from clvcli.scoring.series.moves import Moves
from clvcli.scoring.series.past import like_for_like
from clvcli.scoring.series.spread import NOTHING, Bins, Held
from clvcli.scoring.series.stages import Campaign, Stages, stage_rows, total_of
from clvcli.scoring.series.value import Grid, Headline

NO_LOG: dict[str, Any] = {
    "weekly": [], "cohorts": {"months": 1, "rows": []}, "lifetime_spend": [], "like_for_like": None,
    "change": None,
}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What is told of a scored log. `customers`: who bought; `totals`: exact sums of columns; `change`: new, changed
    and left since the earlier table; `campaign`: None without a control group."""

    customers: int
    leads: int
    stages: list[dict[str, Any]]
    totals: dict[str, float | None]
    series: dict[str, Any]
    change: dict[str, int] | None
    campaign: dict[str, Any] | None


def summary_of(engine: Carrier, scored: Scored, told: RunResult, options: ScoreOptions) -> Summary:
    """Adds up the scored table in three passes, whatever engine has it. A series without data is empty or null."""
    table, rules, as_of = scored.table, scored.rules, scored.log.as_of
    named = rules.stage_names
    passes: dict[str, Series] = {
        "headline": Headline(as_of, options.decimals, rules.at_risk),
        "rfm": Grid(),
        "lists": Lists(as_of, rules.at_risk),
        "top": Top(of_rules(rules.rules), options.horizon),
        "births": Births(),
        "stages": Stages(tuple(stage for stage, _ in named)),
    }
    if COST in engine.columns(table):
        passes["economics"] = Costs(scored.scorer.margin)
    if scored.earlier is not None:
        gone = engine.gone(table, scored.earlier)
        passes["moves"] = Moves(tuple(stage for stage, _ in named), gone)
    if rules.rules.control_group is not None:
        passes["campaign"] = Campaign(tuple(rules.rules.variants))
    found = engine.reduce(table, Together(passes))
    headline, stages = found["headline"], found["stages"]
    spread = spread_of(engine, table, "clv" if headline["valued"] else "total_spend", headline)
    moves = found.get("moves")
    series = {
        "headline": headline | spread["concentration"],
        "value_bins": spread["value_bins"],
        "lorenz": spread["lorenz"],
        "rfm": found["rfm"],
        **found["lists"],
        "top": found["top"],
        **_of_fits(scored.calibration, told, as_of),
        **_of_log(told, found["births"], scored.calibration, options),
        "economics": found.get("economics"),
        "transitions": moves and moves["transitions"],
    }
    everyone = sum(row["customers"] for row in stages.values())
    return Summary(
        headline["buyers"], everyone - headline["buyers"], stage_rows(stages, named),
        {name: total_of(stages, name) for name in ("clv", "expected_purchases")}, series, moves and moves["counts"],
        found.get("campaign"),
    )  # fmt: skip


def spread_of(engine: Carrier, table: Rows, column: str, headline: dict[str, Any]) -> dict[str, Any]:
    """value_bins, lorenz and concentration of a column of those who bought."""
    n = headline["valued"] if column == "clv" else headline["buyers"]
    nothing = {**NOTHING, "value_bins": []}
    if not n:
        return nothing
    ranked = engine.ranked(table, column)
    held = engine.reduce(ranked, Held(n))
    return {**held, "value_bins": engine.reduce(ranked, Bins(tuple(held["edges"])))} if "edges" in held else nothing


def _of_fits(calibration: Calibration | None, told: RunResult, as_of: date) -> dict[str, Any]:
    """What the pooled fit says."""
    if calibration is None:
        return {"alive": None, "rates": [], "dropout": None}
    fit, log = calibration.pooled.purchase, told.activity
    age, most = ((as_of - log.first).days, log.most) if log else (0, 1)
    return {"alive": alive_grid(fit, age, most), "rates": purchase_rates(fit), "dropout": dropout(fit)}


def _of_log(told: RunResult, births: Any, calibration: Calibration | None, options: ScoreOptions) -> dict[str, Any]:
    """The series that come from the log; `births`: see expected_repeats."""
    found = told.activity
    if found is None:
        return NO_LOG
    expected = None
    if calibration is not None:
        own: dict[str | None, Fit] = {group: fits.purchase for group, fits in calibration.groups.items()}
        expected = expected_repeats({None: calibration.pooled.purchase, **own}, births, found.first)
    return {
        "weekly": weekly(found, expected),
        "cohorts": {"months": found.months, "rows": cohorts(found, options.decimals)},
        "lifetime_spend": lifetime_spend(found, options.decimals),
        "like_for_like": like_for_like(found, options.decimals, options.horizon),
        "change": _change(found, options.decimals),
    }


def _change(found: Activity, decimals: int) -> dict[str, Any] | None:
    """Why sales changed between two periods; None for a log too short for them."""
    window = window_of(found.first, found.as_of)
    return change(list(found.change), window, decimals) if window is not None and found.change else None


def rules_of(compiled: Compiled) -> dict[str, Any]:
    """What the rules say of their stages, for people; with what decides them, so that two runs can be told apart."""
    rules = compiled.rules
    group = rules.control_group
    return {
        "name": rules.name,
        "description": rules.description,
        "phases": dict(rules.phases),
        "stages": {
            stage.stage: {
                "when": stage.when if isinstance(stage, Stage) else None,
                "who": stage.who,
                "goal": stage.goal,
                "max_cost": stage.max_cost,
                "at_risk": stage.at_risk,
                "actions": [_told_action(action) for action in stage.actions],
            }
            for stage in compiled.every_stage
        },
        "fields": dict(rules.fields),
        "breakpoints": rules.breakpoints,
        "control_group": None if group is None else {"share": group.share},
        "variants": list(rules.variants),
        **({"attributes": {name: a.type for name, a in rules.attributes.items()}} if rules.attributes else {}),
        **({"holidays": _told_holidays(rules.holidays)} if rules.holidays else {}),
        **({"consent": dict(rules.consent)} if rules.consent else {}),
        **({"actions": [_told_action(one) for one in rules.actions]} if rules.actions else {}),
    }


def _told_action(action: Action) -> dict[str, Any]:
    return dict(as_given(action))


def _told_holidays(holidays: Holidays) -> dict[str, Any]:
    return {name: value for name, value in asdict(holidays).items() if value is not None}


def told_facts(scored: Scored) -> dict[str, float | None]:
    """The whole-table values that the conditions read: with them a stage can be explained from the table alone."""
    facts = facts_of(scored.cuts, scored.log.as_of)
    return {f.name: getattr(facts, f.name) for f in fields(facts) if f.name != "as_of"}
