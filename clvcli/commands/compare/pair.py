"""Two scored tables side by side: what may be compared, and one row per customer of either."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from clvcli.core.errors import ClvError, InputError, Notice, UsageError
from clvcli.core.language import marked
from clvcli.core.marked import enumerated
from clvcli.lifecycle import told
from clvcli.output.scored_table import ScoredTable

SHOULD_AGREE = (
    "model", "spend_basis", "margin", "discount_rate", "decimals", "returns", "duplicates", "where", "amount"
)  # fmt: skip
"""Settings that change what the figures mean, told when they differ. Rules and horizon are refused."""
STAGED = ("stage", "phase", "action", "in_control", "variant")
CARRIED = {
    "stage": pl.String, "phase": pl.String, "action": pl.String, "clv": pl.Float64, "total_spend": pl.Float64,
    "purchases": pl.Int64, "first_purchase_date": pl.Date, "last_purchase_date": pl.Date, "in_control": pl.Boolean,
    "variant": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """`both`: customer_id, `old_` and `new_` columns, and of the time between: bought, purchases_between,
    spend_between (null where a side is missing), moved_by_rules; sorted by customer_id. `days` lie between the tables.
    """

    old: ScoredTable
    new: ScoredTable
    days: int
    both: pl.DataFrame
    stages: tuple[str, ...]
    notices: tuple[Notice, ...]


def pair_up(old: ScoredTable, new: ScoredTable, *, allow_different: bool = False) -> Pair:
    """Joins the tables. Raises UsageError when they stand in the wrong order or differ in rules or horizon."""
    days = (new.as_of - old.as_of).days
    if days < 0:
        raise UsageError(
            marked(
                "{path} (as of {as_of}) is newer than {path2} ({as_of2})",
                path=old.path,
                as_of=old.as_of,
                path2=new.path,
                as_of2=new.as_of,
            ),
            hint="OLD first, then NEW",
        )
    others = rules_of(old) != rules_of(new)
    if days == 0 and not others:
        raise UsageError(
            marked("both tables stand on {as_of}: nothing lies between them", as_of=old.as_of), hint="score a later day"
        )
    notices = [*_differences(old, new, allow_different=allow_different or days == 0)]
    both = _joined(old, new)
    if days == 0:
        moved = both.filter(pl.col("old_stage") != pl.col("new_stage")).height
        text = marked(
            "{n:,} of {all:,} customers are in another stage because the rules are others; nothing else lies between "
            "the tables",
            n=moved, all=both.height,
        )  # fmt: skip
        notices.append(Notice("other_rules", text))
    elif others and (by_rules := _moved_by_rules(old, new)) is not None:
        both = both.join(by_rules, on="customer_id", how="left", maintain_order="left")
        number, whole = (both.filter(condition).height for condition in (pl.col("moved_by_rules"), _MOVED))
        text = marked(
            "{n:,} moved because the rules are others, {rest:,} for what they did or left undone",
            n=number, rest=whole - number,
        )  # fmt: skip
        notices.append(Notice("other_rules", text))
    if "moved_by_rules" not in both.columns:
        both = both.with_columns(moved_by_rules=pl.lit(others and days == 0) & _MOVED)
    both = both.with_columns(pl.col("moved_by_rules").fill_null(value=False))
    backwards = both.filter(pl.col("new_purchases") < pl.col("old_purchases")).height
    if backwards:
        text = marked("{n:,} customers have fewer purchases in NEW than in OLD: returns, or another log", n=backwards)
        notices.append(Notice("history_changed", text))
    gone = both.filter(pl.col("new_stage").is_null() & pl.col("old_stage").is_not_null()).height
    if gone:
        text = marked("{n:,} customers of OLD are not in NEW; they are counted, not compared", n=gone)
        if gone == old.frame.height:
            text = marked("{told}. Nobody is in both: are they of the same log?", told=text)
        notices.append(Notice("vanished", text))
    return Pair(old, new, days, both, _stage_order(old, new), tuple(notices))


_MOVED = (pl.col("old_stage") != pl.col("new_stage")).fill_null(value=False)


def _moved_by_rules(old: ScoredTable, new: ScoredTable) -> pl.DataFrame | None:
    """customer_id, moved_by_rules: in another stage already on the day of OLD, had NEW's rules held; None where the
    manifests do not tell enough.
    """
    try:
        rules = told.rules_of(new, None)
        known = told.attributed(old.frame.drop(STAGED, strict=False), rules)
        compiled = told.compiled_for(known, rules)
        restaged = compiled.classify(told.derived(known, compiled, told.facts_of(old)))
    except ClvError:
        return None
    stage = pl.Series(restaged["stage"]).cast(pl.String)
    now = old.frame.select("customer_id", before=pl.col("stage").cast(pl.String)).with_columns(_then=stage)
    after = now.join(new.frame.select("customer_id", _now=pl.col("stage").cast(pl.String)), on="customer_id")
    # Only who stands elsewhere now, and would have stood there or elsewhere without moving a day.
    moved = (pl.col("_then") != pl.col("before")) & (pl.col("_now") != pl.col("before"))
    return after.select("customer_id", moved_by_rules=moved.fill_null(value=False))


def _stage_order(old: ScoredTable, new: ScoredTable) -> tuple[str, ...]:
    """The stages of NEW's rules in their order, then those that only OLD has, then any that only rows have."""
    there = [*new.stages, *old.stages]
    rows = pl.concat([old.frame["stage"], new.frame["stage"]]).drop_nulls().unique().sort()
    return tuple(dict.fromkeys([*there, *rows]))


def rules_of(table: ScoredTable) -> dict[str, Any]:
    """What decides the stages of a table, as far as its manifest says: names and conditions, in order, own fields,
    breakpoints. Wording, goals and actions do not.
    """
    rules = table.manifest.get("rules")
    if not isinstance(rules, Mapping):
        return {"name": str(table.argument("rules") or "").rsplit("/", 1)[-1], "stages": table.stages}
    stages = [(name, stage.get("when")) for name, stage in rules.get("stages", {}).items()]
    return {"stages": stages, "fields": rules.get("fields"), "breakpoints": rules.get("breakpoints")}


def _differences(old: ScoredTable, new: ScoredTable, *, allow_different: bool) -> list[Notice]:
    wrong = []
    if old.horizon != new.horizon:
        wrong.append(marked("horizon {one} and {other}", one=old.horizon, other=new.horizon))
    if rules_of(old) != rules_of(new):
        names = [str(t.argument("rules")) for t in (old, new)]
        told = marked("rules {one} and {other}", one=names[0], other=names[1])
        if names[0] == names[1]:
            told = marked("rules {one}, which changed in between", one=names[0])
        wrong.append(told)
    if wrong and not allow_different:
        raise UsageError(
            marked("the tables cannot be compared: {wrong}", wrong=enumerated(wrong, "; ")),
            hint="score OLD again with today's settings (--as-of), or --allow-different",
            code="different_settings",
        )
    notices = [
        Notice("different_runs", marked(
            "{told}: moves between stages and values also show this difference", told=text
        ))
        for text in wrong
    ]  # fmt: skip
    for name in SHOULD_AGREE:
        before, after = old.argument(name), new.argument(name)
        if before != after:
            flag = "--" + name.replace("_", "-")
            text = marked("{option} was {before} in OLD and is {after} in NEW", option=flag, before=before, after=after)
            notices.append(Notice("different_settings", text))
    return notices


def _joined(old: ScoredTable, new: ScoredTable) -> pl.DataFrame:
    left, right = _side(old, "old_"), _side(new, "new_")
    joined = left.join(right, on="customer_id", how="full", coalesce=True).sort("customer_id")
    known = pl.col("old_stage").is_not_null() & pl.col("new_stage").is_not_null()
    later = (pl.col("new_last_purchase_date") > old.as_of).fill_null(value=False)
    count = pl.col("new_purchases").fill_null(0) - pl.col("old_purchases").fill_null(0)
    spend = pl.col("new_total_spend").fill_null(0.0) - pl.col("old_total_spend").fill_null(0.0)
    return joined.with_columns(
        bought=pl.when(known).then(later),
        purchases_between=pl.when(known).then(count.clip(lower_bound=0)),
        spend_between=pl.when(known).then(spend.round(6)),
    )


def _side(table: ScoredTable, prefix: str) -> pl.DataFrame:
    missing = [name for name in CARRIED if name not in table.frame.columns]
    if missing:
        raise InputError(
            marked("{place}: is no scored table: it lacks {missing}", place=table.path, missing=", ".join(missing)),
            hint="clv score DATA",
            code="no_scored_table",
        )
    chosen = table.frame.select("customer_id", *CARRIED)
    nameless = pl.col("stage").fill_null("(no stage)")
    return chosen.with_columns(nameless).rename({name: prefix + name for name in CARRIED})
