"""In short: how many, worth how much, who is slipping away, whom to contact this week, how sure all that is."""

from typing import Any

from clvcli.report.numbers import ahead, count, day, money, percent, plural, shown
from clvcli.report.page import (
    Block,
    Card,
    Cards,
    Heading,
    Manifest,
    Missing,
    Points,
    Section,
    Text,
    series,
    total_range,
    value_word,
)
from clvcli.report.sections.contacts import below, contacts

MOST_NAMED = 3


def headline(manifest: Manifest, backtest: Manifest | None) -> Section:
    """The section that a busy reader reads alone."""
    facts = series(manifest, "headline")
    if not facts or not facts["buyers"]:
        return Section("short", "In short", (Missing("There is no customer with a purchase in this run."),))
    blocks: list[Block] = [Cards(_cards(manifest, facts)), Text(_words(manifest, facts))]
    return Section("short", "In short", (*blocks, *contacts(manifest, facts), *_sure(manifest, facts, backtest)))


def _cards(manifest: Manifest, facts: Any) -> tuple[Card, ...]:
    when, rows = ahead(manifest["horizon"]), manifest["rows"]
    leads = f"and {plural(manifest['leads'], 'lead')} without a purchase" if manifest["leads"] else "with a purchase"
    best = "of predicted value" if facts["clv"] is not None else "of all spend so far"
    cards = [Card("Customers", count(facts["buyers"]), leads)]
    if facts["clv"] is not None:
        cards.append(Card(f"Predicted {value_word(manifest)}", money(facts["clv"]), f"{when}{_range(manifest)}"))
    else:
        cards.append(Card("Spent so far", money(facts["spend"]), "no value predicted"))
    if facts["at_risk"] is not None:
        share = facts["at_risk"] / facts["buyers"]
        note = f"{percent(share)} of customers{_whose(facts)}"
        cards.append(Card("At risk now", count(facts["at_risk"]), note, alarm=facts["at_risk"] > 0))
    if facts["top_fifth"] is not None:
        cards.append(Card("The best 20% hold", percent(facts["top_fifth"], 0), best))
    used = percent(rows["used"] / rows["read"]) if rows["read"] else "-"
    warnings = plural(len(manifest["warnings"]), "warning") if manifest["warnings"] else "no warnings"
    cards.append(Card("Records used", used, f"of {rows['read']:,}; {warnings}"))
    return tuple(cards)


def _range(manifest: Manifest) -> str:
    total = total_range(manifest)
    return f", {money(total[0])} to {money(total[1])}" if total else ""


def _words(manifest: Manifest, facts: Any) -> str:
    when = ahead(manifest["horizon"])
    text = (
        f"Up to {day(manifest['as_of'])}, **{plural(facts['buyers'], 'customer')}** made "
        f"{plural(manifest['purchases'], 'purchase')} worth {money(facts['spend'])}. "
    )
    if facts["clv"] is None:
        text += "No model was fitted, so nothing is predicted; stages rest on what customers did. "
    else:
        text += f"They are expected to bring **{money(facts['clv'])}** {when}. {like_for_like(manifest)}"
    return text + _risk(manifest, facts)


def like_for_like(manifest: Manifest) -> str:
    """What the forecast can be held against; nothing where the log is too short for it, or margin is forecast."""
    past = series(manifest, "like_for_like")
    if not past or value_word(manifest) != "spend":
        return ""
    end = f" up to {day(past['before'])}" if past["before"] else " up to today"
    return (
        f"Like for like: the {past['customers']:,} customers won before {day(past['from'])} spent "
        f"{money(past['spend'])} from then{end}, when all sales were {money(past['sales'])}. Customers yet to be won "
        "are not in the forecast. "
    )


def _whose(facts: Any) -> str:
    """The stages that make up the number at risk, where the rules name them."""
    stages = [shown(name, 30) for name in facts["at_risk_stages"]]
    if not stages:
        return ", by their silence"
    return f": {', '.join(stages[:MOST_NAMED])}{' and others' if len(stages) > MOST_NAMED else ''}"


def _risk(manifest: Manifest, facts: Any) -> str:
    """Who is at risk, as the rules see it, and whose silence says so."""
    text = ""
    if facts["at_risk_by"] == "rules" and facts["at_risk"]:
        names = ", ".join(shown(name, 40) for name in facts["at_risk_stages"])
        text = (
            f"**{plural(facts['at_risk'], 'customer')}** who spent {money(facts['at_risk_spend'])} so far "
            f"{'is' if facts['at_risk'] == 1 else 'are'} at risk by their stage ({names}). "
        )
    if facts["silent"]:
        have = "has" if facts["silent"] == 1 else "have"
        text += (
            f"**{plural(facts['silent'], 'customer')}** of all stages {have} been silent for longer than their own "
            f"rhythm explains: {below(manifest)}. "
        )
    if facts["soon"]:
        text += (
            f"Another **{facts['soon']:,}**, worth {money(facts['soon_clv'])}, reach that point within "
            f"{facts['soon_days']} days unless they buy."
        )
    if facts["silent"] == 0 and not facts["soon"]:
        text += "The model sees hardly anybody leave for good in this log: no silence alone is alarming."
    return text


def _sure(manifest: Manifest, facts: Any, backtest: Manifest | None) -> list[Block]:
    if facts["clv"] is None:
        return []
    return [Heading("How sure is this?"), Points(tuple(_doubts(manifest, facts, backtest)))]


def _doubts(manifest: Manifest, facts: Any, backtest: Manifest | None) -> list[str]:
    when = ahead(manifest["horizon"])
    found = []
    if facts.get("low_zero"):
        found.append(
            f"One customer is hard to foresee: for {facts['low_zero']:,} of {facts['valued']:,} customers it is quite "
            f"possible that they buy nothing at all {when}. Groups are much surer: act on stages and on "
            "the order of value, not on one figure."
        )
    total = total_range(manifest)
    if total:
        found.insert(0, _total_words(manifest, total))
    past = _past(manifest)
    if past:
        found.append(past)
    if backtest is None:
        found.append(
            "Not yet tested on data that the model did not see: `clv backtest DATA -o backtest.json`, then this report "
            "again with `--backtest backtest.json`."
        )
    else:
        found.append(_tested(manifest, backtest))
    grid = series(manifest, "alive")
    if grid and facts["silent"] and facts["one_time"] and all(p == 1 for p in grid["p_alive"][0]):
        found.append(
            f"The silence of the {facts['one_time']:,} customers who bought once never counts as alarming: this model "
            "cannot tell if they have left. Go by their stage."
        )
    return found


def _tested(manifest: Manifest, backtest: Manifest) -> str:
    """The backtest in one sentence, of the model in use where it was tested."""
    held = backtest["holdout"]
    used = (manifest["models"].get("purchase") or {}).get("name")
    rows = {m["name"]: m for m in backtest["methods"]}
    row = rows.get(used) or rows[backtest["choice"]["name"]]
    off = "" if row["bias"] is None else f": {shown(row['name'])} forecast the total of purchases {_off(row['bias'])}"
    verdict = backtest["verdict"]
    rule, few = verdict["winners"].get("counts_heuristic"), [t for t in verdict["text"][:1] if "too few" in t]
    better = f"The rule of thumb “{shown(rule)}” did better: see below." if rule else "No rule of thumb did better."
    told = shown(few[0], 400) if few else better
    return f"Tested {plural(held['folds'], 'time')} on {held['days']} days held back{off}. {told}"


def _off(bias: float) -> str:
    return f"{percent(abs(bias))} too {'high' if bias > 0 else 'low'}"


def _total_words(manifest: Manifest, total: tuple[float, float]) -> str:
    """The interval of the total, where it comes from and what it leaves out."""
    text = f"All customers together will bring between {money(total[0])} and {money(total[1])} in 9 of 10 cases"
    portfolio = manifest["portfolio"]
    ratios = [o["spend"] for o in portfolio.get("origins") or []]
    if ratios:
        text += (
            f": the forecast was rehearsed at {len(ratios)} earlier days of this log, and what came was "
            f"{percent(min(ratios), 0)} to {percent(max(ratios), 0)} of what had been forecast"
        )
    left_out = [shown(word) for word in portfolio.get("excludes") or []]
    return text + (f". This range leaves out {' and '.join(left_out)}." if left_out else ".")


def _past(manifest: Manifest) -> str:
    weeks = [w for w in series(manifest, "weekly") or [] if w["expected"] is not None]
    actual, expected = sum(w["repeat"] for w in weeks), sum(w["expected"] for w in weeks)
    if not actual:
        return ""
    off = expected / actual - 1
    return (
        f"Looking back, the model expects {count(round(expected))} repeat purchases in the log; there were "
        f"{count(actual)} ({off * 100:+.1f}%). Fitting the past well is necessary, not sufficient."
    )
