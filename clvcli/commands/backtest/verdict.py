"""What the figures say, in plain words: which method to trust for which question, and by how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clvcli.commands.backtest.evidence import FEW, NONE, Evidence
from clvcli.commands.backtest.metrics import Row
from clvcli.core.marked import both, marked
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
    """One thing a forecast is for, at the beginning of a sentence and within one; the figure that judges it, whether
    more is better."""

    key: str
    begins: str
    asks: str
    figure: str
    word: str
    more: bool = False


QUESTIONS = (
    Question(
        "counts",
        marked("How often each customer buys"),
        marked("how often each customer buys"),
        "deviance",
        marked("Poisson deviance"),
    ),
    Question("buyers", marked("Who buys at all"), marked("who buys at all"), "log_loss", marked("log loss")),
    Question("value", marked("Who spends most"), marked("who spends most"), "gini", marked("Gini of value"), more=True),
)


@dataclass(frozen=True)
class Verdict:
    """`sentences` for people, the `headline` without its full stop the first of them; `winners`: method by question
    key, a heuristic where one wins."""

    headline: str
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
        sentences.append(marked("The days of the silence rule are chosen with hindsight: on the day nobody knew them."))
    headline = _with_evidence(_headline(methods, winners, choice), evidence.purchases)
    return Verdict(headline, (marked("{headline}.", headline=headline), *sentences), winners)


def _with_evidence(headline: str, purchases: float) -> str:
    """The headline, behind a word on how little was held out."""
    if purchases >= FEW:
        return headline
    if not purchases:
        return marked(
            "No purchase in the time held out: too few to tell one method from another. {headline}", headline=headline
        )
    return marked(
        "Only {n:.0f} purchases in the time held out: too few to tell one method from another. {headline}",
        n=purchases, headline=headline,
    )  # fmt: skip


def _money(methods: Sequence[Row], choice: Choice, basis: str) -> list[str]:
    """The error of the total of spend, and the rule of thumb that was nearer by more than two points."""
    off = {row["name"]: _spend_bias(row, basis) for row in methods if row["kind"] in {"model", "heuristic"}}
    ours = off.get(choice.name)
    if ours is None:
        return []
    kinds = {row["name"]: row["kind"] for row in methods}
    rules = [(abs(value), name) for name, value in off.items() if value is not None and kinds[name] == "heuristic"]
    nearest = min(rules, default=None)
    if nearest is None or nearest[0] + POINTS >= abs(ours):
        return [marked("What they spend: {model} is off by {off} in total.", model=choice.name, off=_off(ours))]
    return [
        marked(
            "What they spend: {model} is off by {off} in total, {rule} by {other}: for money the rule was nearer.",
            model=choice.name, off=_off(ours), rule=marked(nearest[1]), other=_off(off[nearest[1]]),
        )
    ]  # fmt: skip


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
    if question.key == "value" and max(model[1], rule[1]) <= NO_RANK:
        return marked(
            "{asks}: no method ranks better than chance ({figure} {value:.3f} at best).",
            asks=question.begins, figure=question.word, value=max(model[1], rule[1]),
        )  # fmt: skip
    named = (marked(rule[0]), rule[1])  # the names of models are the same everywhere
    first, second = (named, model) if wins else (model, named)
    ahead = (rule[1] > model[1]) if question.more else (rule[1] < model[1])
    name = first[0]
    if wins:
        outcome = marked("{name} beats every model", name=name)
    elif ahead:
        outcome = marked("{name} is level with the best heuristic", name=name)
    else:
        outcome = marked("{name} beats every heuristic", name=name)
    if abs(rule[1] - model[1]) <= error and (wins or not ahead):
        outcome = marked("{outcome}, by less than one standard error", outcome=outcome)
    return marked(
        "{asks}: {outcome} ({figure} {value:.3f}; {second} {other:.3f}).",
        asks=question.begins, outcome=outcome, figure=question.word, value=first[1], second=second[0],
        other=second[1],
    )  # fmt: skip


def _headline(methods: Sequence[Row], winners: Mapping[str, str], choice: Choice) -> str:
    rows = {row["name"]: row for row in methods}
    model = rows[choice.name]
    rule = winners.get("counts_heuristic")
    if rule is None:
        return _of_model(choice.name, model["bias"])
    text = marked(
        "{rule} wins: it forecasts purchases better than any model (total {off}, {model} {other}; RMSE {value:.3f} "
        "against {second:.3f})",
        rule=marked(rule[0].upper() + rule[1:]), off=_off(rows[rule]["bias"]), model=choice.name,
        other=_off(model["bias"]), value=rows[rule]["rmse"], second=model["rmse"],
    )  # fmt: skip
    kept = [q.asks for q in QUESTIONS if q.key != "counts" and winners.get(q.key) in _models(methods)]
    return marked("{text}; keep {model} for {asks}", text=text, model=choice.name, asks=both(kept)) if kept else text


def _of_model(name: str, bias: float | None) -> str:
    if bias is None:
        return marked("Use {model}: no heuristic forecasts purchases better", model=name)
    if abs(bias) > FAR:
        return marked(
            "Use {model}: no heuristic forecasts purchases better; its total is off by {off}, too far off to budget by",
            model=name, off=_off(bias),
        )  # fmt: skip
    return marked(
        "Use {model}: no heuristic forecasts purchases better; its total is off by {off}", model=name, off=_off(bias)
    )


def _models(methods: Sequence[Row]) -> set[str]:
    return {row["name"] for row in methods if row["kind"] == "model"}


def _off(bias: float | None) -> str:
    return marked("unknown") if bias is None else f"{bias * 100:+.1f}%"
