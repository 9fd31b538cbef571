"""What `clv crosssell` finds."""

from dataclasses import dataclass

import polars as pl

from clvcli.commands.crosssell.holdout import Holdout
from clvcli.commands.crosssell.profile import Profile
from clvcli.core.errors import Notice
from clvcli.log.read import Log


@dataclass(frozen=True)
class Crosssell:
    """The result. `kind`: `suggestions`, `together` or `due`; `table` is what -o writes.

    `by`: what the groups are, `profiles` what their good customers buy; `items` and `products`: used records with a
    product, and how many products there are; `holdout`: how good suggestions would have been, `category_holdout` those
    of categories; `at_risk`: the stages at risk, where the groups are stages.
    """

    kind: str
    by: str | None
    log: Log
    table: pl.DataFrame
    profiles: tuple[Profile, ...]
    items: int
    products: int
    baskets: int | None
    notices: tuple[Notice, ...]
    holdout: Holdout | None = None
    category_holdout: Holdout | None = None
    outputs: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()
