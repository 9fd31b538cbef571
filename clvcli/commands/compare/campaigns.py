"""What each campaign brought: lift among those for whom it was due, whether it reached them or not, and its cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from clvcli.commands.compare.arms import MIN_ARM, Flags, difference
from clvcli.commands.compare.contacts import Contacts
from clvcli.commands.compare.joint import joint
from clvcli.commands.compare.lift import OUTCOMES, LiftRow, corrected, covariates_of, has_events, prepared
from clvcli.commands.compare.pair import Pair
from clvcli.commands.compare.power import control_share, waiting_days
from clvcli.core.errors import Notice
from clvcli.core.marked import marked

TOGETHER = " + "
NOT_DUE = "not_due"


@dataclass(frozen=True)
class Campaign:
    """One campaign, or several that were due for the same customers. `rows`: bought, then spend; none where an arm has
    fewer than 10 customers. `contacted` customers of those `treated`; `cost` of all contacts; `brought`: extra spend
    times margin, with its 95 % interval; `returned`: (brought - cost) / cost, likewise; null without an estimate or a
    cost. `waiting_days`, `control_share`: see power.py.
    """

    name: str
    contacts: int
    contacted: int
    treated: int
    control: int
    cost: float
    rows: tuple[LiftRow, ...]
    brought: tuple[float, float, float] | None
    returned: tuple[float, float, float] | None
    waiting_days: int | None
    control_share: float | None


@dataclass(frozen=True)
class _Arms:
    """Whom a campaign was due for, and who of them are in no control group of it; as long as the table of the trial."""

    name: str
    due: Flags
    treated: Flags


def campaigns(
    pair: Pair, contacts: Contacts, cap: float, margin: float
) -> tuple[tuple[Campaign, ...], tuple[LiftRow, ...], tuple[Notice, ...]]:
    """All campaigns, their variants against control, and what to know. One family of comparisons is corrected."""
    everyone = prepared(pair.both.filter(pl.col("bought").is_not_null() & pl.col("old_in_control").is_not_null()), cap)
    arms, told = _arms(everyone, contacts)
    if not arms:
        told.append(
            Notice(
                "no_contacts",
                marked("no customer of both tables is among those for whom a contact was due or made"),
            )
        )
        return (), (), (*contacts.notices, *told)
    concerned = np.any([a.due for a in arms], axis=0)
    rows = everyone.filter(pl.Series(concerned))
    whole = [_Arms(a.name, a.due[concerned], a.treated[concerned]) for a in arms]
    compared = [*_compared(rows, whole, "campaign"), *_variants(rows, whole, contacts)]
    judged = list(corrected(compared))
    of = {name: [r for r in judged if r.scope == "campaign" and r.name == name] for name in (a.name for a in arms)}
    found = tuple(_campaign(a, of[a.name], contacts, pair.days, margin) for a in whole)
    variants = tuple(row for row in judged if row.scope != "campaign")
    return found, variants, (*contacts.notices, *told)


def _arms(everyone: pl.DataFrame, contacts: Contacts) -> tuple[list[_Arms], list[Notice]]:
    """One for every set of customers; campaigns that were due for the same ones are one."""
    names = contacts.made["campaign"].drop_nulls().unique().sort().to_list()
    told: list[Notice] = []
    if contacts.due is None:
        text = marked(
            "the contacts come without a list of those for whom they were due (clv plan writes one): everybody of a "
            "stage of which a campaign contacted somebody counts"
        )
        told.append(Notice(NOT_DUE, text))
    elif extra := set(contacts.due["campaign"].drop_nulls().unique()) - set(names):
        names = sorted({*names, *extra})
    found: dict[bytes, _Arms] = {}
    for name in names:
        due, treated = _of_campaign(everyone, contacts, name)
        key = np.packbits(due).tobytes() + np.packbits(treated).tobytes()
        if due.any():
            known = found.get(key)
            found[key] = _Arms(known.name + TOGETHER + name if known else name, due, treated)
    return list(found.values()), told


def _of_campaign(everyone: pl.DataFrame, contacts: Contacts, name: str) -> tuple[Flags, Flags]:
    if contacts.due is None:
        reached = contacts.made.filter(pl.col("campaign") == name)["customer_id"]
        stages = everyone.filter(pl.col("customer_id").is_in(reached.implode()))["old_stage"].unique()
        due = everyone["old_stage"].is_in(stages.implode())
        return due.to_numpy(), (due & ~everyone["old_in_control"]).to_numpy()
    listed = contacts.due.filter(pl.col("campaign") == name).select("customer_id", "in_control")
    marked = everyone.select("customer_id").join(listed, on="customer_id", how="left", maintain_order="left")
    due = marked["in_control"].is_not_null()
    return due.to_numpy(), (due & ~marked["in_control"].fill_null(value=False)).to_numpy()


def _compared(rows: pl.DataFrame, arms: Sequence[_Arms], scope: str, chosen: range | None = None) -> Iterator[LiftRow]:
    """A row for each outcome of each of `arms`, or of the `chosen`; none where an arm has fewer than 10 customers."""
    due, treated = np.column_stack([a.due for a in arms]), np.column_stack([a.treated for a in arms])
    anybody: Flags = np.asarray(treated.any(axis=1))
    covariates = covariates_of(rows, anybody)
    found = {name: joint(rows[name].to_numpy(), due, treated, covariates) for name in OUTCOMES}
    bought = rows["bought"].to_numpy()
    for place in chosen or range(len(arms)):
        inside, one = due[:, place], treated[:, place][due[:, place]]
        if min(one.sum(), (~one).sum()) < MIN_ARM:
            continue
        for outcome in OUTCOMES:
            values = rows[outcome].to_numpy()[inside]
            enough = has_events(bought[inside], one, outcome)
            yield LiftRow(
                scope=scope, name=arms[place].name, outcome=outcome,
                treated=int(one.sum()), control=int((~one).sum()),
                mean_treated=float(values[one].mean()), mean_control=float(values[~one].mean()),
                plain=difference(values, one) if enough else None,
                adjusted=found[outcome][place] if enough else None,
            )  # fmt: skip


def _variants(rows: pl.DataFrame, arms: Sequence[_Arms], contacts: Contacts) -> Iterator[LiftRow]:
    """The variants of each campaign that has several, each against its control group."""
    if contacts.due is None:
        return
    for place, whole in enumerate(arms):
        listed = contacts.due.filter(pl.col("campaign") == whole.name).select("customer_id", "variant")
        known = rows.select("customer_id").join(listed, on="customer_id", how="left", maintain_order="left")["variant"]
        names = known.drop_nulls().unique().sort().to_list()
        if len(names) < 2:
            continue
        split = [
            _Arms(f"{whole.name}: {name}", whole.due, whole.treated & (known == name).fill_null(value=False).to_numpy())
            for name in names
        ]
        others = [*arms[:place], *arms[place + 1 :]]
        mine = range(len(others), len(others) + len(split))
        yield from _compared(rows, [*others, *split], "campaign variant", mine)


def _campaign(arms: _Arms, rows: list[LiftRow], contacts: Contacts, days: int, margin: float) -> Campaign:
    made = contacts.made.filter(pl.col("campaign").is_in(arms.name.split(TOGETHER)))
    cost = round(float(made["cost"].fill_null(0.0).sort().sum()), 6)
    brought = returned = None
    spend = next((row.best for row in rows if row.outcome == "spend"), None)
    treated = int(arms.treated.sum())
    if spend is not None:
        low, middle, high = (value * treated * margin for value in (spend.low, spend.estimate, spend.high))
        brought = (middle, low, high)
        returned = ((middle - cost) / cost, (low - cost) / cost, (high - cost) / cost) if cost > 0 else None
    wait = share = None
    bought = next((row for row in rows if row.outcome == "bought"), None)
    control = int(arms.due.sum()) - treated
    if bought is not None and bought.control:
        narrowing = bought.best.error / bought.plain.error if bought.best and bought.plain and bought.plain.error else 1
        wait = waiting_days(bought.mean_control, days, treated, control, narrowing)
        share = control_share(bought.mean_control, treated + control, narrowing)
    return Campaign(
        arms.name, made.height, made["customer_id"].n_unique(), treated, control, cost, tuple(rows), brought, returned,
        wait, share,
    )  # fmt: skip
