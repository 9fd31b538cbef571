"""The job of `clv rules check`: load, compile, prove; with data, whom the stages get and what moves."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from clvcli.core.options import RulesCheckOptions, ScoreOptions
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.derived import Facts
from clvcli.lifecycle.lint import Finding, lint
from clvcli.lifecycle.load import load_rules
from clvcli.lifecycle.names import type_of
from clvcli.lifecycle.told import attributed, compiled_for, derived, facts_of
from clvcli.output.formats.base import with_texts
from clvcli.output.scored_table import is_scored, read_manifest, read_scored
from clvcli.scoring import classify
from clvcli.scoring.scored import score_log
from clvcli.scoring.series.stages import share_of_buyers

PRESET = "rfm-lifecycle"
NOBODY = "(no stage)"
STAGED = ("stage", "phase", "action", "in_control", "variant")


@dataclass(frozen=True)
class Share:
    """One stage: customers, their share of buyers (None: leads alone); clv and its share, null without a model."""

    stage: str
    phase: str | None
    customers: int
    share: float | None
    clv: float | None
    clv_share: float | None


@dataclass(frozen=True)
class Flow:
    """Customers (and their clv) who are in `stage` and were in `before` by the other rules."""

    before: str
    stage: str
    customers: int
    clv: float | None


@dataclass(frozen=True)
class Checked:
    """`stages` and `flows` are empty without data; `against`: the rules that flows start from; `moved` in all."""

    findings: tuple[Finding, ...]
    stages: tuple[Share, ...] = ()
    against: str | None = None
    flows: tuple[Flow, ...] = ()
    moved: int = 0
    customers: int = 0


def check_rules(options: RulesCheckOptions, stage: Callable[[str], None] = lambda _: None) -> Checked:
    """Findings about the rules; with a log or a scored table also whom they put where. Raises ConfigError for broken
    rules, and what reading the data raises.
    """
    rules = load_rules(options.rules)
    everything: dict[str, pl.DataType] = {name: type_of(a.type) for name, a in rules.attributes.items()}
    compiled = compile_rules(rules, everything)
    if not options.data:
        return Checked(lint(compiled))
    if len(options.data) == 1 and is_scored(options.data[0]):
        stage("reading")
        return _of_table(options.data[0], options.rules)
    scored = score_log(
        ScoreOptions(
            data=options.data,
            rules=options.rules,
            customer=options.customer,
            date=options.date,
            amount=options.amount,
            where=options.where,
            as_of=options.as_of,
            customers=options.customers,
            sources=options.sources,
        ),
        stage,
    )
    table = with_texts(scored.table)
    before = None
    if options.rules != PRESET:
        _, other = _staged(table, PRESET, classify.facts_of(scored.cuts, scored.log.as_of))
        before = other["stage"].cast(pl.String)
    return _told(lint(scored.rules, scored.table), scored.rules, table, before, PRESET)


def _of_table(path: str, name: str) -> Checked:
    """The rules on a scored table: its values are taken as they are, its stages are what moves start from."""
    manifest = read_manifest(path, None, "clv score DATA -o writes table and manifest") or {}
    table = dataclasses.replace(read_scored(path, None), manifest=manifest)
    compiled, found = _staged(table.frame, name, facts_of(table))
    before = table.frame["stage"].cast(pl.String)
    against = str(table.argument("rules") or "the table")
    return _told(lint(compiled, found), compiled, with_texts(found), before, against)


def _staged(frame: pl.DataFrame, name: str, facts: Facts) -> tuple[Compiled, pl.DataFrame]:
    """The table with the stages of other rules."""
    rules = load_rules(name)
    known = attributed(frame.drop(STAGED, strict=False), rules)
    compiled = compiled_for(known, rules)
    return compiled, compiled.classify(derived(known, compiled, facts))


def _told(
    findings: tuple[Finding, ...], compiled: Compiled, table: pl.DataFrame, before: pl.Series | None, against: str
) -> Checked:
    valued = table["clv"].count() > 0
    bought = pl.col("purchases") > 0 if "purchases" in table.columns else pl.lit(value=True)
    frame = table.select("clv", stage=pl.col("stage").cast(pl.String).fill_null(NOBODY), bought=bought)
    sums = frame.group_by("stage").agg(
        customers=pl.len(), buyers=pl.col("bought").sum(), clv=pl.col("clv").drop_nulls().sort().sum()
    )
    counted = {row["stage"]: row for row in sums.to_dicts()}
    total, buyers = (sum(row[name] for row in counted.values()) for name in ("clv", "buyers"))
    shares = []
    for name, phase in compiled.stage_names:
        row = counted.get(name, {"customers": 0, "buyers": 0, "clv": 0.0})
        clv = round(row["clv"], 6) if valued else None
        part = row["clv"] / total if valued and total else None
        of_buyers = share_of_buyers(row["buyers"], row["customers"], buyers)
        shares.append(Share(name, phase, row["customers"], of_buyers, clv, part))
    if before is None:
        return Checked(findings, tuple(shares), None, (), 0, frame.height)
    pairs = (
        frame.with_columns(before=before.fill_null(NOBODY))
        .filter(pl.col("before") != pl.col("stage"))
        .group_by("before", "stage")
        .agg(customers=pl.len().cast(pl.Int64), clv=pl.col("clv").drop_nulls().sort().sum().round(6))
        .sort(["customers", "before", "stage"], descending=[True, False, False])
    )
    flows = tuple(
        Flow(row["before"], row["stage"], row["customers"], row["clv"] if valued else None) for row in pairs.to_dicts()
    )
    return Checked(findings, tuple(shares), against, flows, sum(flow.customers for flow in flows), frame.height)
