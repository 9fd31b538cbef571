"""Where customers stand, and what to do at every stage."""

import re
from collections.abc import Mapping
from typing import Any

from clvcli.core.language import Language
from clvcli.core.phrases import channel_of
from clvcli.report.charts.kinds import Side, bars
from clvcli.report.numbers import shown
from clvcli.report.page import (
    Block,
    Figure,
    Halves,
    Manifest,
    Missing,
    Section,
    Step,
    Steps,
    Table,
    Text,
    ordered_stages,
    series,
    stage_ident,
)

MOST_STAGES = 40
HALF = 0.45


def stage_mix(manifest: Manifest, t: Language) -> Section:
    """Shares of customers and of value by stage, and what to do with each."""
    title = t("Stages")
    stages = [s for s in ordered_stages(manifest) if s["customers"]]
    if not stages:
        return Section("stages", title, (Missing(t("No customer is in any stage.")),))
    return Section("stages", title, (Halves((_mix(stages, t),), tuple(what_to_do(manifest, t))),))


def _mix(stages: list[Mapping[str, Any]], t: Language) -> Figure:
    valued = any(s["clv"] is not None for s in stages)
    drawn = stages if len(stages) <= MOST_STAGES else sorted(stages, key=lambda s: -s["customers"])[:MOST_STAGES]
    sides = [_side(t("share of customers"), drawn, "share", "soft", t)]
    sides += [_side(t("share of predicted value"), drawn, "clv_share", "first", t)] if valued else []
    head = (t("Stage"), t("Phase"), t("Customers"), t("Share"), t("Value"), t("Share of value"), t("Spent so far"))
    table = Table(t("Customers and value by stage"), head, tuple(_row(s, t) for s in stages), frozenset({0, 1}))
    chart = bars([t.name(s["stage"]) for s in drawn], sides)
    alt = t("Bars by stage.") + " " + "; ".join(f"{t.name(s['stage'])}: {t.percent(s['share'])}" for s in drawn[:20])
    reading = t("Every customer is in exactly one stage: the first of the rules that fits.")
    return Figure("stage-mix", _finding(stages, t, valued=valued), reading, f"{alt}.", chart, table)


def _finding(stages: list[Mapping[str, Any]], t: Language, *, valued: bool) -> str:
    if not valued:
        largest = max(stages, key=lambda s: (s["share"] or 0.0, s["customers"]))
        values = {"share": t.percent(largest["share"]), "stage": t.name(largest["stage"])}
        return t("The largest stage is {stage}, with {share} of customers", **values)
    best = max(stages, key=lambda s: s["clv"] or 0)
    name = t.name(best["stage"])
    if HALF <= (best["clv_share"] or 0) <= 1 - HALF:
        return t.many(
            "Half of the predicted value comes from {n} customer: {stage}",
            "Half of the predicted value comes from {n} customers: {stage}",
            best["customers"],
            stage=name,
        )
    return t.many(
        "{share} of the predicted value comes from {n} customer: {stage}",
        "{share} of the predicted value comes from {n} customers: {stage}",
        best["customers"],
        stage=name,
        share=t.percent(best["clv_share"]),
    )


def _side(name: str, stages: list[Mapping[str, Any]], key: str, colour: str, t: Language) -> Side:
    return Side(name, [s[key] for s in stages], [t.percent(s[key], 1) for s in stages], colour)


def _row(stage: Mapping[str, Any], t: Language) -> tuple[str, ...]:
    return (
        t.name(stage["stage"]), t.name(stage["phase"] or ""), t.count(stage["customers"]), t.percent(stage["share"], 1),
        t.money(stage["clv"]), t.percent(stage["clv_share"], 1), t.money(stage["total_spend"]),
    )  # fmt: skip


def what_to_do(manifest: Manifest, t: Language) -> list[Block]:
    """Goal and actions of every stage, how many customers, what is at stake, with whom to start."""
    rules, stages = manifest.get("rules") or {}, ordered_stages(manifest)
    told = rules.get("stages") or {}
    if not told:
        return [Missing(t("The run does not say what its rules advise: score again."))]
    text = t("The stage chooses the message; within a stage, begin with the most valuable.")
    if rules.get("control_group"):
        share = t.percent(rules["control_group"]["share"])
        text += " " + t("{share} of customers are a control group: leave them alone.", share=share)
    blocks: list[Block] = [Text(text)]
    firsts = series(manifest, "stage_firsts") or {}
    for phase in dict.fromkeys(s["phase"] for s in stages):
        members = [s for s in stages if s["phase"] == phase and s["customers"]]
        steps = tuple(_step(manifest, s, told.get(s["stage"]) or {}, firsts.get(s["stage"]) or [], t) for s in members)
        if steps:
            meaning = t.name((rules.get("phases") or {}).get(phase) or "", 300)
            blocks.append(Steps(t.name(phase) if phase else t("no phase"), meaning, steps))
    return blocks


def _step(manifest: Manifest, stage: Mapping[str, Any], told: Any, firsts: list[Any], t: Language) -> Step:
    facts = t.many("{n} customer", "{n} customers", stage["customers"])
    facts += "" if stage["clv"] is None else f" · {t('{amount} expected', amount=t.money(stage['clv']))}"
    if stage.get("in_control"):
        facts += f" · {t.many('{n} in the control group', '{n} in the control group', stage['in_control'])}"
    limit = told.get("max_cost")
    named = [f"{shown(r['customer_id'], 40)} ({t.money(r['clv'] or r['total_spend'])})" for r in firsts]
    return Step(
        ident=stage_ident(manifest, stage["stage"]),
        stage=t.name(stage["stage"]),
        facts=facts,
        who=t.name(told.get("who") or "", 400),
        goal=t.name(told.get("goal") or "", 400),
        actions=tuple(_action(a, t) for a in told.get("actions") or []),
        limit="" if limit is None else _limit(limit, t),
        first=", ".join(named),
    )


def _action(action: Any, t: Language) -> str:
    text, channel, every = t.name(action["action"], 300), action.get("channel"), str(action.get("every") or "")
    extras = [channel_of(channel, t)] if channel else []
    extras += [t("offer: {offer}", offer=t.name(action["offer"], 200))] if action.get("offer") else []
    extras += [t("once") if every == "once" else t("every {span}", span=t.span(every))] if every else []
    return f"{text} ({'; '.join(extras)})" if extras else text


def _limit(limit: Any, t: Language) -> str:
    if isinstance(limit, (int, float)):
        return t("Spend at most {amount} on one customer.", amount=t.money(float(limit)))
    share = re.fullmatch(r"\s*(0?\.\d+)\s*\*\s*(clv|value_at_stake)\s*", str(limit))
    if share and share[2] == "clv":
        return t("Spend at most {share} of a customer's predicted value.", share=t.percent(float(share[1])))
    if share:
        return t("Spend at most {share} of a customer's value at stake.", share=t.percent(float(share[1])))
    return t("Spend at most {amount} on one customer.", amount=shown(limit, 200))
