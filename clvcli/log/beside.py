"""What --where may read beside the log: columns of --customers, for each record by its customer."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clvcli.log import ids
from clvcli.log.expressions import Kind, Kinds, condition, digits_of, typed_as
from clvcli.log.plain_amounts import text_of_typed
from clvcli.sql import columns_of


@dataclass(frozen=True)
class Beside:
    """`people`: customer_id and the columns; `kinds`: of those that are texts."""

    people: pl.DataFrame
    kinds: Kinds

    @classmethod
    def read_by(cls, where: str | None, columns: list[str], people: pl.DataFrame | None) -> "Beside | None":
        """The columns of `people` (customer_id, one row a customer) that `where` reads and the log, which has
        `columns`, lacks; None where there are none."""
        if where is None or people is None:
            return None
        names = sorted((columns_of(where) - {*columns, "customer_id"}) & set(people.columns))
        if not names:
            return None
        texts = [name for name in names if people[name].dtype == pl.String]
        return cls(people.select("customer_id", *names), {name: _kind(people[name]) for name in texts})

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.people.columns[1:]

    def of(self, customer: pl.Series) -> pl.DataFrame:
        """The columns of each record's customer; null for one who is not among the people."""
        rows = ids.clean(customer).values.alias("customer_id").to_frame()
        return rows.join(self.people, on="customer_id", how="left", maintain_order="left").drop("customer_id")

    def outside(self, where: str) -> pl.Series:
        """Ids of the people for whom `where` is false whatever a record says: who has none is no lead of this run."""
        lacking = columns_of(where) - {*self.columns, "customer_id"}
        rows = self.people.select("customer_id", *(pl.lit(None, pl.String).alias(name) for name in sorted(lacking)))
        nothing = dict.fromkeys([*lacking], Kind("empty", 0, False, ".", 0, ()))
        kinds = {**nothing, "customer_id": TEXT}
        never = condition(f"NOT ({where})", *with_beside(self, rows["customer_id"], rows, {}, kinds))
        return self.people["customer_id"].filter(never)


TEXT = Kind("text", 0, False, ".", 0, ())


def _kind(texts: pl.Series) -> Kind:
    typed = typed_as(texts)
    return Kind(typed, digits_of(texts.str.strip_chars(" ")) if typed == "decimal" else 0, False, ".", 0, ())


def with_beside(
    beside: Beside | None, customer: pl.Series, texts: pl.DataFrame, known: dict[str, pl.Series], kinds: Kinds
) -> tuple[pl.DataFrame, dict[str, pl.Series], Kinds]:
    """Texts, typed columns and kinds that a condition reads, with those of the people."""
    if beside is None:
        return texts, known, kinds
    more = beside.of(customer)
    typed: Mapping[str, pl.Series] = {s.name: s for s in more if s.name not in beside.kinds}
    shown = [s if s.dtype == pl.String else text_of_typed(s) for s in more]
    return pl.DataFrame([*texts, *shown]), {**known, **typed}, {**kinds, **beside.kinds, **dict.fromkeys(typed, TEXT)}
