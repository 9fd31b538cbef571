"""`--customers` on a cluster: attributes joined to customers by their id, leads appended; of any size."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.engines.people import ZERO_FOR_LEADS, CustomerAttributes, read_attributes
from clvcli.engines.spark.frames import collected, mapped
from clvcli.engines.spark.person_rows import KEY, NOTE, Rows, Typed
from clvcli.engines.spark.profile_columns import raise_error
from clvcli.engines.spark.raw import look, open_raw
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import find_files
from clvcli.lifecycle.attributes import column_of_ids
from clvcli.lifecycle.load import Rules
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.log.rules import Wanted


@dataclass(frozen=True)
class ClusterAttributes(CustomerAttributes):
    """The people of the run: `frame` has no rows, `everyone` is a Spark frame of theirs, kept; None without
    --customers. `columns`: types of what they add to customers."""

    everyone: Any = None
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def group_of_log(self) -> str | None:
        """What --by names, unless it is an attribute."""
        return None if "model_group" in self.columns else self.group

    def beside(self, customers: Any) -> Any:
        """Customers of a log with their attributes, leads among them. Raises UsageError for a missing margin."""
        if self.everyone is None:
            return customers
        mine = [name for name in customers.columns if name != "customer_id"]
        both = customers.join(self.everyone, "customer_id", "full")
        zero = [f"coalesce({n}, 0) as {n}" if n in ZERO_FOR_LEADS else n for n in mine]
        joined = both.selectExpr("customer_id", *zero, *(self._added(name) for name in self.columns))
        if self.margin is not None:
            with failures("looking for margins"):
                missing = joined.where("margin is null").count()
            if missing:
                raise UsageError(
                    marked(
                        "--margin {margin}: {count} customers of the log are not in --customers",
                        margin=self.margin,
                        count=missing,
                    ),
                    hint="add them, or --margin 0.3",
                )
        return joined

    def _added(self, name: str) -> str:
        if name == CONTACTABLE:
            return f"coalesce({name}, false) as {name}"
        if name == "margin" and self.margin is not None:
            return "_margin as margin"
        of = self.group if name == "model_group" else name
        return f"{quoted(str(of))} as {quoted(name)}"


def quoted(name: str) -> str:
    """A column's name as Spark's SQL has it."""
    return "`" + name.replace("`", "``") + "`"


def people_on_cluster(
    session: Any, path: str | None, rules: Rules, *, group: str | None, margin: str | None
) -> ClusterAttributes:
    """As read_attributes. Raises InputError for the file, UsageError for columns that cannot be used."""
    if path is None:
        return ClusterAttributes(**vars(read_attributes(None, rules, group=group, margin=margin)))
    source = open_raw(session, find_files(session, (path,)), header=True)
    _, layout = look(source, Wanted(None, None, None, ()), header=True)
    columns = tuple(source.types)
    nobody = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    rows = Rows(replace(source.as_texts(layout), whole=True), column_of_ids(nobody, path), columns)
    typed = Typed(rules, path, group, margin, columns)
    told = typed.people(nobody)
    added = _columns(told)
    with failures(f"reading {path}"):
        found = mapped(source.raw, rows, rows.schema()).repartition(KEY).sortWithinPartitions(KEY)
        frame = mapped(found, typed, typed.schema()).persist()
        problems = collected(frame.where(f"{NOTE} is not null").select(NOTE))[NOTE].sort()
    for text in problems:
        raise_error(text)
    return ClusterAttributes(**vars(told), everyone=frame.drop(NOTE), columns=added)


def _columns(told: CustomerAttributes) -> dict[str, Any]:
    """What these people add to customers, with types. Raises UsageError for what this engine has no place for."""
    assert told.frame is not None
    found = {n: kind for n, kind in told.frame.schema.items() if n not in ("customer_id", "_margin")}
    if told.margin is not None:
        found["margin"] = pl.Float64()
    if told.group in told.frame.columns:
        if told.frame.schema[told.group] != pl.String:
            raise UsageError(
                marked("--by {group}: --engine spark groups by texts", group=told.group), hint="--engine polars"
            )
        found["model_group"] = pl.String()
    return found
