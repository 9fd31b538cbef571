"""What the figures say, in plain words: which method to trust for which question, and by how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvcli.commands.backtest.evidence import FEW, NONE, Evidence
from clvcli.commands.backtest.metrics import Row
from clvcli.scoring.choose import Choice

NEAR = 0.005
"""Relative differences below this are ties: then the model keeps the question."""
NO_RANK = 0.02
"""A Gini up to this is a ranking by chance."""
FAR = 0.25
"""A total off by more than this is no budget."""
POINTS = 0.02
"""A rule of thumb is nearer to the total of spend when it is nearer by so much."""
HINDSIGHT = "best silence rule"


@dataclass(frozen=True)
class Question:
    """One thing a forecast is for, the figure that judges it, whether more is better."""

    key: str
    asks: str
    figure: str
    word: str
    more: bool = False


QUESTIONS = (
    Question("counts", "how often each customer buys", "deviance", "Poisson deviance"),
    Question("buyers", "who buys at all", "log_loss", "log loss"),
    Question("value", "who spends most", "gini", "Gini of value", more=True),
)


@dataclass(frozen=True)
class Verdict:
    """`sentences` for people; `winners`: method by question key, a heuristic where one wins."""

    sentences: tuple[str, ...]
    winners: Mapping[str, str]

    @property
    def heuristic(self) -> str | None:
        """The heuristic that beats every model at the counts, if one does."""
        return self.winners.get("counts_heuristic")


def figure(row: Mapping[str, Any], name: str, basis: str) -> float | None:
    """A figure of a method; Gini is that of value on the basis in use (heuristics have one of their own)."""
    if name != "gini":
        found = row[name]
    else:
        value = row["value"]
        found = (value.get(basis) or value.get("own") or {}).get("gini")
    return None if found is None else float(found)


def judge(methods: Sequence[Row], choice: Choice, basis: str, evidence: Evidence = NONE) -> Verdict:
    """Holds the best model against the best heuristic at every question.

    `methods`: rows with name, kind and the figures. A heuristic wins when it is better by more than half a percent; one
    that is ahead in deviance by less than a standard error must have the smaller RMSE too.
    """
    sentences, winners = [], {}
    for question in QUESTIONS:
        model, rule = (_best(methods, kind, question, basis) for kind in ("model", "heuristic"))
        if model is None or rule is None:
            continue
        error = evidence.error(question.key, model[0], rule[0])
        wins = _beats(rule[1], model[1], question) and _stands(question, methods, model, rule, error)
        if question.key != "value" or max(model[1], rule[1]) > NO_RANK:
            winners[question.key] = rule[0] if wins else model[0]
        if question.key == "counts" and wins:
            winners["counts_heuristic"] = rule[0]
        sentences.append(_sentence(question, model, rule, error, wins=wins))
    sentences += _money(methods, choice, basis)
    if HINDSIGHT in winners.values():
        sentences.append("The days of the silence rule are chosen with hindsight: on the day nobody knew them.")
    headline = _headline(methods, winners, choice)
    if evidence.purchases < FEW:
        few = f"Only {evidence.purchases:.0f} purchases" if evidence.purchases else "No purchase"
        headline = f"{few} in the time held out: too few to tell one method from another. {headline}"
    return Verdict((headline, *sentences), winners)


def _money(methods: Sequence[Row], choice: Choice, basis: str) -> list[str]:
    """The error of the total of spend, and the rule of thumb that was nearer by more than two points."""
    off = {row["name"]: _spend_bias(row, basis) for row in methods if row["kind"] in {"model", "heuristic"}}
    ours = off.get(choice.name)
    if ours is None:
        return []
    text = f"What they spend: {choice.name} is off by {_off(ours)} in total"
    kinds = {row["name"]: row["kind"] for row in methods}
    rules = [(abs(value), name) for name, value in off.items() if value is not None and kinds[name] == "heuristic"]
    nearest = min(rules, default=None)
    if nearest is not None and nearest[0] + POINTS < abs(ours):
        text += f", {nearest[1]} by {_off(off[nearest[1]])}: for money the rule was nearer"
    return [text + "."]


def _spend_bias(row: Mapping[str, Any], basis: str) -> float | None:
    value = (row["value"].get(basis) or row["value"].get("own") or {}).get("bias")
    return None if value is None else float(value)


def _best(methods: Sequence[Row], kind: str, question: Question, basis: str) -> tuple[str, float] | None:
    rated = [(row["name"], figure(row, question.figure, basis)) for row in methods if row["kind"] == kind]
    known = [(name, value) for name, value in rated if value is not None]
    if not known:
        return None
    sign = -1 if question.more else 1
    return min(known, key=lambda pair: sign * round(pair[1], 6))  # of equals the first: the simpler model


def _beats(rule: float, model: float, question: Question) -> bool:
    gain = rule - model if question.more else model - rule
    return gain > NEAR * abs(model)


def _stands(
    question: Question, methods: Sequence[Row], model: tuple[str, float], rule: tuple[str, float], error: float
) -> bool:
    """Whether a heuristic's lead is more than chance, or the second figure of counts agrees with it."""
    if question.key != "counts" or model[1] - rule[1] > error:
        return question.key != "value" or rule[1] > NO_RANK
    rmse = {row["name"]: row["rmse"] for row in methods}
    return bool(rmse[rule[0]] <= rmse[model[0]])


def _sentence(
    question: Question, model: tuple[str, float], rule: tuple[str, float], error: float, *, wins: bool
) -> str:
    asks = question.asks[0].upper() + question.asks[1:]
    if question.key == "value" and max(model[1], rule[1]) <= NO_RANK:
        return f"{asks}: no method ranks better than chance ({question.word} {max(model[1], rule[1]):.3f} at best)."
    first, second = (rule, model) if wins else (model, rule)
    ahead = (rule[1] > model[1]) if question.more else (rule[1] < model[1])
    beats = "beats every model" if wins else ("is level with the best heuristic" if ahead else "beats every heuristic")
    near = "" if abs(rule[1] - model[1]) > error or (ahead and not wins) else ", by less than one standard error"
    return f"{asks}: {first[0]} {beats}{near} ({question.word} {first[1]:.3f}; {second[0]} {second[1]:.3f})."


def _headline(methods: Sequence[Row], winners: Mapping[str, str], choice: Choice) -> str:
    rows = {row["name"]: row for row in methods}
    model = rows[choice.name]
    rule = winners.get("counts_heuristic")
    if rule is None:
        total = f"; its total is off by {_off(model['bias'])}" if model["bias"] is not None else ""
        if model["bias"] is not None and abs(model["bias"]) > FAR:
            total += ", too far off to budget by"
        return f"Use {choice.name}: no heuristic forecasts purchases better{total}."
    text = (
        f"{rule[0].upper()}{rule[1:]} wins: it forecasts purchases better than any model "
        f"(total {_off(rows[rule]['bias'])}, {choice.name} {_off(model['bias'])}; "
        f"RMSE {rows[rule]['rmse']:.3f} against {model['rmse']:.3f})"
    )
    kept = [q.asks for q in QUESTIONS if q.key != "counts" and winners.get(q.key) in _models(methods)]
    return text + (f"; keep {choice.name} for {' and '.join(kept)}." if kept else ".")


def _models(methods: Sequence[Row]) -> set[str]:
    return {row["name"] for row in methods if row["kind"] == "model"}


def _off(bias: float | None) -> str:
    return "unknown" if bias is None else f"{bias * 100:+.1f}%"
