"""Which of the three lifetime values to trust when they disagree, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.commands.economics.figures import Figures
from clvcli.commands.economics.model_value import ModelValue
from clvcli.commands.economics.renewal import Retention
from clvcli.core.printable import counted
from clvcli.models.base import AT_BOUND, CONVERGED

AGREE = 1.25
"""Values within this factor of each other agree."""
ENOUGH = 30
"""Repeat buyers, or departures, from which on a fit or a rate is more than an anecdote."""
WORDS = {
    "model": "the model",
    "churn": "margin / churn",
    "sales": "sale x purchases x time",
    "contract": "the contracts",
}


@dataclass(frozen=True)
class Verdict:
    """`way` is `model`, `churn`, `sales`, `contract`, `existing` (what those who are there are still worth) or None;
    `clv` its value in margin; `why` plain sentences.

    `disagree`: the largest of the values within the horizon over the smallest, None where fewer than two can be told.
    """

    way: str | None
    clv: float | None
    scope: str
    disagree: float | None
    why: tuple[str, ...]


def verdict_of(figures: Figures, unit: str, horizon: str) -> Verdict:
    """The verdict for a log of purchases, where nobody says goodbye."""
    ways = figures.ways
    comparable = {
        name: value
        for name, value in (("churn", ways.churn_within), ("sales", ways.sales_within), ("model", ways.model.new))
        if value is not None and value > 0
    }
    ratio = max(comparable.values()) / min(comparable.values()) if len(comparable) > 1 else None
    way = _best(figures)
    why = [_agreement(comparable, ratio, horizon), *_reasons(way, figures, unit), _contradiction(figures, unit)]
    values = {"model": ways.model.new, "churn": ways.churn, "sales": ways.sales}
    scope = horizon if way == "model" else "lifetime"
    return Verdict(way, values.get(way) if way else None, scope, ratio, tuple(w for w in why if w))


def _best(figures: Figures) -> str | None:
    model, churn = figures.ways.model, figures.churn
    firm_model = model.new is not None and model.status == CONVERGED and model.repeat_buyers >= ENOUGH
    firm_churn = figures.ways.churn is not None and churn.left >= ENOUGH and not _below_the_past(figures)
    order = [
        ("model", firm_model),
        ("churn", firm_churn),
        ("sales", figures.ways.sales is not None and (churn.rate is None or _below_the_past(figures))),
        ("churn", figures.ways.churn is not None),
        ("sales", figures.ways.sales is not None),
        ("model", model.new is not None),
    ]
    return next((name for name, good in order if good), None)


def _agreement(values: dict[str, float], ratio: float | None, horizon: str) -> str:
    if ratio is None:
        return "Only one of the three values can be told, so that nothing checks it." if values else ""
    if ratio <= AGREE:
        return f"{_within(horizon)} the values agree: the largest is {ratio:.2f} times the smallest."
    most, least = max(values, key=lambda n: values[n]), min(values, key=lambda n: values[n])
    return f"{_within(horizon)} they disagree: {WORDS[most]} says {ratio:.1f} times what {WORDS[least]} says."


def _within(horizon: str) -> str:
    return "Over a whole life" if horizon.strip().lower() == "inf" else f"Within {horizon}"


def _reasons(way: str | None, figures: Figures, unit: str) -> list[str]:
    model, churn = figures.ways.model, figures.churn
    if way == "model":
        return [
            "Trust the model: these customers leave without a word, and it weighs each silence against the customer's "
            f"own rhythm ({counted(model.repeat_buyers, 'repeat buyer')}).",
            _window_matters(figures, unit),
            "Sale x purchases x time stops where the log stops: it cuts off customers who are still there.",
        ]
    no_model = _why_no_model(figures)
    if way == "churn":
        few = "" if churn.left >= ENOUGH else f" It rests on only {counted(churn.left, 'departure')}."
        return [no_model, f"Trust margin / churn, the best there is here.{few}", _window_matters(figures, unit)]
    if way == "sales":
        reason = f"There is no churn to divide by ({churn.reason})." if churn.reason else ""
        time = figures.ways.retention_source == "given"
        floor = (
            "its time was given" if time else "its time is what was seen so far, so that it is the least they are worth"
        )
        return [no_model, reason, f"Trust sale x purchases x time: {floor}."]
    return ["No lifetime value can be told from this log: it holds too little.", no_model, churn.reason or ""]


def _below_the_past(figures: Figures) -> bool:
    """Whether margin / churn is less than customers have brought so far, which no lifetime value can be."""
    ways = figures.ways
    seen = ways.sales if ways.retention_source != "given" else None
    return seen is not None and ways.churn is not None and ways.churn * AGREE < seen


def _contradiction(figures: Figures, unit: str) -> str:
    if not _below_the_past(figures):
        return ""
    window = figures.churn.window
    return (
        "Margin / churn is less than customers have brought already, which cannot be: it is measured after the first "
        f"{window} {unit}{'s' * (window > 1)} and misses what was bought before."
    )


def _why_no_model(figures: Figures) -> str:
    model = figures.ways.model
    if model.new is None:
        return f"The model has no say here ({model.reason or 'it has no value for a purchase'})."
    if model.status == AT_BOUND:
        return "The model's likelihood is flat: it knows the rate of buying, not how customers leave."
    return f"The model rests on only {counted(model.repeat_buyers, 'repeat buyer')}."


def _window_matters(figures: Figures, unit: str) -> str:
    rate, twice, window = figures.churn.rate, figures.churn_twice_the_window, figures.churn.window
    if rate is None:
        return f"Churn cannot be told: {figures.churn.reason}." if figures.churn.reason else ""
    if twice is None:
        return f"Churn depends on what counts as gone; here {window} {unit}{'s' * (window > 1)} without a purchase."
    return (
        f"Churn depends on what counts as gone: {rate:.1%} a {unit} after {window} {unit}{'s' * (window > 1)} "
        f"without a purchase, {twice:.1%} after {2 * window}."
    )


def verdict_of_stage(model: ModelValue, horizon: str) -> Verdict:
    """The verdict for a group that customers are in by what they did: what they are still worth."""
    if model.existing is None:
        return Verdict(None, None, horizon, None, (model.reason or "no model could be fitted",))
    why = f"Within {horizon}, of those who are there: nobody comes new into such a group."
    return Verdict("existing", model.existing, horizon, None, (why,))


def verdict_of_contracts(figures: Figures, curves: Sequence[Retention], unit: str, horizon: str) -> Verdict:
    """The verdict for a subscription log, where leaving is seen."""
    ways = figures.ways
    values = {n: v for n, v in (("churn", ways.churn_within), ("contract", ways.model.new)) if v is not None and v > 0}
    ratio = max(values.values()) / min(values.values()) if len(values) > 1 else None
    why = [_agreement(values, ratio, horizon)]
    if ways.model.new is not None:
        main = max(curves, key=lambda c: c.contracts)
        early, late = (main.retention[0], main.retention[-1]) if main.retention else (0.0, 0.0)
        if main.fit.status == CONVERGED:
            why.append(
                f"Trust the contracts: leaving is seen here, and retention rises with tenure: of contracts of "
                f"{main.renewal_months} month{'s' * (main.renewal_months > 1)} {early:.1%} renew the first time and "
                f"{late:.1%} the twelfth. One flat churn undervalues those who have stayed."
            )
        else:
            why.append("Trust the contracts: leaving is seen here. Customers differ too little to tell yet.")
        if figures.churn.left < ENOUGH:
            why.append(f"It all rests on only {counted(figures.churn.left, 'departure')}.")
        return Verdict("contract", ways.model.new, horizon, ratio, tuple(w for w in why if w))
    if ways.churn is not None:
        few = "" if figures.churn.left >= ENOUGH else f" It rests on only {counted(figures.churn.left, 'departure')}."
        why += [f"Retention has no shape yet ({ways.model.reason}).", f"Trust margin / churn a {unit}.{few}"]
        return Verdict("churn", ways.churn, "lifetime", ratio, tuple(w for w in why if w))
    why.append(f"No lifetime value can be told: {figures.churn.reason}.")
    return Verdict(None, None, "lifetime", ratio, tuple(w for w in why if w))
