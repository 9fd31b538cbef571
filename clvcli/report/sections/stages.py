"""Where customers stand, what to do at every stage, the grid of recency and frequency."""

import re
from typing import Any

from clvcli.report.charts.kinds import Side, bars, grid
from clvcli.report.numbers import ahead, estimate, money, percent, plural, shown, span_words
from clvcli.report.page import (
    Figure,
    Manifest,
    Missing,
    Section,
    Step,
    Steps,
    Table,
    Text,
    clean,
    ordered_stages,
    series,
)

MOST_STAGES = 40
CHANNELS = {"personal": "in person", "site": "on the site", "mail": "by mail", "phone": "by phone", "email": "by email"}


def stage_mix(manifest: Manifest) -> Section:
    """Shares of customers and of value by stage."""
    stages = [s for s in ordered_stages(manifest) if s["customers"]]
    if not stages:
        return Section("stages", "Where customers stand", (Missing("No customer is in any stage."),))
    valued = any(s["clv"] is not None for s in stages)
    drawn = stages if len(stages) <= MOST_STAGES else sorted(stages, key=lambda s: -s["customers"])[:MOST_STAGES]
    sides = [_side("share of customers", drawn, "share", "first")]
    sides += [_side("share of predicted value", drawn, "clv_share", "second")] if valued else []
    chart = bars([shown(s["stage"]) for s in drawn], sides)
    table = Table(
        "Customers and value by stage",
        ("Stage", "Phase", "Customers", "Share", "Value", "Share of value", "Spent so far"),
        tuple(_row(s) for s in stages),
        frozenset({0, 1}),
    )
    largest = max(stages, key=lambda s: s["customers"])
    reading = f"The largest stage is {shown(largest['stage'])}, with {percent(largest['share'])} of customers."
    if valued:
        best = max(stages, key=lambda s: s["clv"] or 0)
        reading += (
            f" The most valuable is {shown(best['stage'])}: {percent(best['clv_share'])} of the predicted value, "
            f"{percent(best['share'])} of customers."
        )
    alt = "Bars by stage. " + "; ".join(_words(s) for s in drawn[:20]) + "."
    lead = Text(
        "Every customer is in exactly one stage: the first of the rules that fits. "
        + shown((manifest.get("rules") or {}).get("description") or "", 600)
    )
    figure = Figure("stage-mix", f"Stages by customers{' and by value' if valued else ''}", reading, alt, chart, table)
    return Section("stages", "Where customers stand", (lead, figure))


def _side(name: str, stages: list[Any], key: str, colour: str) -> Side:
    return Side(name, [s[key] for s in stages], [percent(s[key]) for s in stages], colour)


def _row(stage: Any) -> tuple[str, ...]:
    return (
        shown(stage["stage"]), clean(stage["phase"]), f"{stage['customers']:,}", percent(stage["share"]),
        money(stage["clv"]), percent(stage["clv_share"]), money(stage["total_spend"]),
    )  # fmt: skip


def _words(stage: Any) -> str:
    value = "" if stage["clv"] is None else f" and {percent(stage['clv_share'])} of value"
    return f"{shown(stage['stage'])}: {percent(stage['share'])} of customers{value}"


def what_to_do(manifest: Manifest) -> Section:
    """Goal and actions of every stage, how many customers, what is at stake, with whom to start."""
    rules = manifest.get("rules") or {}
    told = rules.get("stages") or {}
    stages = ordered_stages(manifest)
    title = "What to do, stage by stage"
    if not told or not stages:
        return Section("actions", title, (Missing("The run does not say what its rules advise: score again."),))
    blocks: list[Any] = [
        Text(f"The stage chooses the message; within a stage, begin with the most valuable. {_stakes(manifest)}")
    ]
    if rules.get("control_group"):
        share = percent(rules["control_group"]["share"], 0)
        blocks.append(
            Text(f"{share} of customers are a control group: leave them alone, or no effect can be measured.")
        )
    firsts = series(manifest, "stage_firsts") or {}
    for phase in dict.fromkeys(s["phase"] for s in stages):
        members = [s for s in stages if s["phase"] == phase and s["customers"]]
        steps = tuple(_step(s, told.get(s["stage"]) or {}, firsts.get(s["stage"]) or []) for s in members)
        if steps:
            meaning = clean((rules.get("phases") or {}).get(phase))
            blocks.append(Steps(clean(phase) or "no phase", meaning, steps))
    return Section("actions", title, tuple(blocks))


def _stakes(manifest: Manifest) -> str:
    """What the figures of the section are."""
    if (series(manifest, "headline") or {}).get("clv") is None:
        return "A figure after a name is what that customer has spent."
    return (
        f"Value at stake is what the customers of the stage are expected to bring {ahead(manifest['horizon'])}; a "
        "figure after a name is what that customer is."
    )


def _step(stage: Any, told: Any, firsts: list[Any]) -> Step:
    value = "" if stage["clv"] is None else f" · {money(stage['clv'])} at stake ({percent(stage['clv_share'])})"
    word = ("customer", None) if stage["clv"] is not None or stage["total_spend"] else ("person", "people")
    facts = f"{plural(stage['customers'], *word)} ({percent(stage['share'])}){value}"
    if stage.get("in_control"):
        facts += f" · {stage['in_control']:,} of them in the control group"
    limit = told.get("max_cost")
    names = ", ".join(f"{shown(r['customer_id'], 40)} ({estimate(r['clv'] or r['total_spend'])})" for r in firsts)
    return Step(
        stage=shown(stage["stage"]),
        facts=facts,
        who=shown(told.get("who") or "", 400),
        goal=shown(told.get("goal") or "", 400),
        actions=tuple(_action(a) for a in told.get("actions") or []),
        limit="" if limit is None else _limit(limit),
        first=names,
    )


def _action(action: Any) -> str:
    text = shown(action["action"], 300)
    channel = action.get("channel")
    extras = [CHANNELS.get(channel, f"via {shown(channel)}") if channel else ""]
    extras += [f"offer: {shown(action['offer'], 200)}" if action.get("offer") else ""]
    every = action.get("every")
    extras += [_every(str(every)) if every else ""]
    more = "; ".join(e for e in extras if e)
    return f"{text} ({more})" if more else text


def _every(every: str) -> str:
    """`30d` as `every 30 days`, `1y` as `every year`."""
    return every if every == "once" else f"every {span_words(every).removeprefix('1 ')}"


def _limit(limit: Any) -> str:
    if isinstance(limit, (int, float)):
        return f"Spend at most {money(float(limit))} on one customer."
    share = re.fullmatch(r"\s*(0?\.\d+)\s*\*\s*(clv|value_at_stake)\s*", str(limit))
    if share:
        of = "predicted value" if share[2] == "clv" else "value at stake"
        return f"Spend at most {float(share[1]) * 100:g}% of a customer's {of}."
    return f"Spend at most {shown(limit, 200)} on one customer."


def rfm_grid(manifest: Manifest) -> Section:
    """Customers by recency and frequency score."""
    cells = series(manifest, "rfm")
    title = "Recency and frequency"
    if not cells:
        return Section("rfm", title, (Missing("No customer has scores."),))
    scores = ("5", "4", "3", "2", "1")
    found = {(str(c["r"]), str(c["f"])): c for c in cells}
    across = tuple(reversed(scores))
    customers = [[float(found.get((r, f), {}).get("customers", 0)) for f in across] for r in scores]
    texts = [[f"{int(v):,}" for v in line] for line in customers]
    chart = grid(scores, across, customers, texts, ("recency score (row)", "frequency score (column)"))
    valued = (series(manifest, "headline") or {}).get("clv") is not None
    table = Table(
        "Customers and value by recency and frequency score",
        ("Recency score", "Frequency score", "Customers", "Predicted value" if valued else "Spent so far"),
        tuple((str(c["r"]), str(c["f"]), f"{c['customers']:,}", money(c["value"])) for c in cells),
        frozenset(),
    )
    total = sum(c["customers"] for c in cells)
    best = sum(c["customers"] for c in cells if c["r"] >= 4 and c["f"] >= 4)
    quiet = sum(c["customers"] for c in cells if c["r"] <= 2 and c["f"] >= 4)
    reading = (
        f"Top right, lately and often: {percent(best / total)} of customers. Bottom right, once frequent and now "
        f"silent: {percent(quiet / total)}{'; they are worth winning back' if quiet else ''}."
    )
    lead = Text(
        "Recency 5 is the fifth of customers who bought most recently, 1 the fifth whose last purchase is longest ago. "
        "Frequency 1 is a single purchase; 2 to 5 are the quarters of those who came back, 5 the most frequent."
    )
    alt = "Grid of 5 by 5. " + "; ".join(
        f"recency {c['r']}, frequency {c['f']}: {c['customers']:,} customers" for c in cells
    )
    return Section("rfm", title, (lead, Figure("rfm-grid", "Customers by score", reading, alt, chart, table)))
