"""What is to be done with a customer: every action of the stage, in force or why not; the place in the ranking."""

from dataclasses import dataclass

import polars as pl

from clvcli.core.language import Language
from clvcli.core.phrases import why
from clvcli.lifecycle.actions import StageAction, StageActions, holds, typed
from clvcli.lifecycle.consent import NO_ADDRESS, NO_CONSENT, NOT_CONTACTABLE, consent_of
from clvcli.lifecycle.names import LEFT
from clvcli.lifecycle.ranking import candidates, ranked, with_stake

IN_FORCE = "in force"
REFUSALS = {
    NOT_CONTACTABLE: "may not be contacted", NO_CONSENT: "no consent to the channel", NO_ADDRESS: "no address for it",
}  # fmt: skip


@dataclass(frozen=True)
class Todo:
    """One action of the customer's stage: `state` is `in force`, or why it is not."""

    action: str
    channel: str | None
    how: str
    state: str


@dataclass(frozen=True)
class Standing:
    """`place` among the `of` customers to turn to, None for who is not one; `why` in one sentence of figures."""

    todo: tuple[Todo, ...]
    place: int | None
    of: int
    why: str


def standing(frame: pl.DataFrame, customer: str, actions: StageActions, horizon: str) -> Standing:
    """Of a customer of the scored table `frame`."""
    table = with_stake(typed(frame, actions))
    row = table.filter(pl.col("customer_id") == customer)
    open_to = ranked(candidates(table, actions))["customer_id"]
    found = (open_to == customer).arg_max() if (open_to == customer).any() else None
    mine = actions.of_stage(str(row["stage"][0])) if row["stage"][0] is not None else []
    states = _states(table, row, mine, actions)
    todo = tuple(Todo(one.action, one.channel, _how(one), state) for one, state in zip(mine, states, strict=True))
    told = why(row.to_dicts()[0], horizon, Language())
    return Standing(todo, None if found is None else found + 1, open_to.len(), told)


def _states(table: pl.DataFrame, row: pl.DataFrame, mine: list[StageAction], actions: StageActions) -> list[str]:
    consent = consent_of(table, actions.consent)
    found = []
    for one in mine:
        refusal = row.select(consent.refusal(one.channel).alias("_"))["_"][0]
        if "in_control" in row.columns and row["in_control"][0]:
            found.append("in the control group")
        elif "phase" in row.columns and row["phase"][0] is not None and str(row["phase"][0]) == LEFT:
            found.append("has left")
        elif not row.select(holds(one, row).fill_null(value=False).alias("_"))["_"][0]:
            found.append(f"only when {one.when}")
        else:
            found.append(REFUSALS.get(refusal, str(refusal)) if refusal else IN_FORCE)
    return found


def _how(one: StageAction) -> str:
    """`every 30d`, `once, 14d after last purchase`."""
    parts = [f"every {one.every}" if one.every else "once"]
    if one.anchor is not None:
        span = f"{one.anchor.span} {'after' if one.anchor.after else 'before'} " if one.anchor.span.count else "on "
        parts.append(span + one.anchor.day.replace("_", " "))
    parts += [f"then {step.action} after {step.wait}, unless bought" for step in one.steps]
    return ", ".join(parts)
