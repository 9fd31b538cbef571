"""`--customers` on a cluster: attributes joined to customers by their id, leads appended; of any size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.options import ScoreOptions
from clvcli.engines.spark.accounts import ClusterLog
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.look import raise_error
from clvcli.engines.spark.raw import look, open_raw
from clvcli.engines.spark.reduce import Part, reduced
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import find_files
from clvcli.lifecycle.attributes import column_of_ids
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.log.rules import Wanted
from clvcli.scoring.attributes import ZERO_FOR_LEADS, People, people_of
from clvcli.scoring.cluster.person_rows import KEY, NOTE, Rows, Typed
from clvcli.scoring.run_models import margin_rate
from clvcli.scoring.series.economics import COST, cost_sums, economics_from

INTERNAL = frozenset({"lines", "bucket", "within", "place", "known", "previous_clv", "spent", "days", "amounts"})
"""Names that the steps of a cluster give to columns beside those of engines/base.py."""


@dataclass(frozen=True)
class Everyone:
    """The people of the run: `told`, whose frame has no rows, and a Spark frame of theirs, kept; None without
    --customers. `columns`: types of what they add to customers."""

    told: People
    frame: Any | None
    columns: Mapping[str, Any]

    @property
    def group_of_log(self) -> str | None:
        """What --by names, unless it is an attribute."""
        return None if "model_group" in self.columns else self.told.group

    def beside(self, log: ClusterLog) -> ClusterLog:
        """The log, its customers with their attributes, leads among them. Raises UsageError for a missing margin."""
        if self.frame is None:
            return log
        mine = [name for name in log.customers.columns if name != "customer_id"]
        everyone = log.customers.join(self.frame, "customer_id", "full")
        zero = [f"coalesce({n}, 0) as {n}" if n in ZERO_FOR_LEADS else n for n in mine]
        joined = everyone.selectExpr("customer_id", *zero, *(self._added(name) for name in self.columns))
        if self.told.margin is not None:
            with failures("looking for margins"):
                missing = joined.where("margin is null").count()
            if missing:
                raise UsageError(
                    f"--margin {self.told.margin}: {missing} customers of the log are not in --customers",
                    hint="add them, or --margin 0.3",
                )
        return replace(log, customers=joined)

    def _added(self, name: str) -> str:
        if name == CONTACTABLE:
            return f"coalesce({name}, false) as {name}"
        if name == "margin" and self.told.margin is not None:
            return "_margin as margin"
        of = self.told.group if name == "model_group" else name
        return f"{quoted(str(of))} as {quoted(name)}"


def quoted(name: str) -> str:
    """A column's name as Spark's SQL has it."""
    return "`" + name.replace("`", "``") + "`"


def people_on_cluster(session: Any, options: ScoreOptions, rules: Rules) -> Everyone:
    """As people_of. Raises InputError for the file, UsageError for columns that it lacks or that are not for here."""
    margin = None if margin_rate(options.margin) is not None else options.margin
    path = options.customers
    if path is None:
        return Everyone(people_of(None, rules, group=options.by, margin=margin), None, {})
    source = open_raw(session, find_files(session, (path,)), header=True)
    _, layout = look(source, Wanted(None, None, None, ()), header=True)
    columns = tuple(source.types)
    nobody = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    rows = Rows(replace(source.as_texts(layout), whole=True), column_of_ids(nobody, path), columns)
    typed = Typed(rules, path, options.by, margin, columns)
    told = typed.people(nobody)
    added = _columns(told)
    with failures(f"reading {path}"):
        found = mapped(source.raw, rows, rows.schema()).repartition(KEY).sortWithinPartitions(KEY)
        frame = mapped(found, typed, typed.schema()).persist()
        problems = collected(frame.where(f"{NOTE} is not null").select(NOTE))[NOTE].sort()
    for text in problems:
        raise_error(text)
    return Everyone(told, frame.drop(NOTE), added)


def _columns(told: People) -> dict[str, Any]:
    """What these people add to customers, with types. Raises UsageError for what this engine has no place for."""
    assert told.frame is not None
    found = {n: kind for n, kind in told.frame.schema.items() if n not in ("customer_id", "_margin")}
    for name in sorted(INTERNAL & found.keys()):
        raise UsageError(f"--customers: --engine spark has a column {name} itself", hint="rename it there")
    if told.margin is not None:
        found["margin"] = pl.Float64()
    if told.group in told.frame.columns:
        if told.frame.schema[told.group] != pl.String:
            raise UsageError(f"--by {told.group}: --engine spark groups by texts", hint="--engine polars")
        found["model_group"] = pl.String()
    return found


def economics_on_cluster(predicted: Any, margin: float | None) -> dict[str, Any] | None:
    """As economics_of. `predicted`: a Spark frame with attributes."""
    if COST not in predicted.columns:
        return None
    step = _Costs(margin)
    needed = [COST, "purchases", "total_spend", "clv", *(["margin"] if margin is None else [])]
    sums = reduced(predicted.select(*needed), step, step.merge)
    return None if sums is None else economics_from(sums)


@dataclass(frozen=True)
class _Costs:
    margin: float | None

    def __call__(self, table: pl.DataFrame) -> Part:
        return cost_sums(table, self.margin)

    def merge(self, parts: Iterable[Part]) -> Part:
        """The sums of several parts."""
        found = list(parts)
        return {name: sum(part[name] for part in found) for name in found[0]}
