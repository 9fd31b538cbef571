"""What `--customers` brings: attributes of customers, and leads, who have not bought yet."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from clvcli.errors import Notice


@dataclass(frozen=True)
class People:
    """Attributes by customer_id. `schema`: every attribute that conditions may use; `shown`: those in the table."""

    frame: pl.DataFrame | None
    defaults: Mapping[str, pl.Expr]
    schema: Mapping[str, pl.DataType]
    shown: tuple[str, ...]
    wanted_of_log: tuple[str, ...]
    notices: tuple[Notice, ...]
    group_column: str | None
    margin_column: str | None
