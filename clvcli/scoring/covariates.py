"""--covariates: columns of --customers as numbers that move a purchase model, and customers with equal ones as cells.

A number is standardised by the mean and the standard deviation of the buyers, where it has many values in steps; text,
and a column of just two values, is an indicator against its most frequent level. An unknown value counts as the mean or
that level. Each cell has a model of its own, so that all that is said of a customer follows from theirs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.errors import Notice, UsageError
from clvcli.core.marked import marked
from clvcli.models.base import Array

FAR = 4
"""Standard deviations from the mean at which numbers end."""
STEPS = (0.0, 0.25, 0.5, 1.0)
"""Standard deviations that a step may have; 0: as they are."""
EXACT = 32
"""A number of at most so many values needs no steps."""
LEVELS, CELLS = 20, 400
"""Levels of a column, and customers told apart, at most: each cell has a fit and predictions of its own."""


@dataclass(frozen=True)
class Number:
    """A column of numbers."""

    name: str
    mean: float
    sd: float
    step: float = 0.0

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of its covariates."""
        return (self.name,)

    def covariates(self, values: pl.Series) -> Array:
        """(rows, 1); 0 where the value is unknown."""
        z = (_numbers(values).fill_null(self.mean).to_numpy() - self.mean) / self.sd
        z = np.clip(z, -FAR, FAR)
        z = np.round(z / self.step) * self.step if self.step else z
        return np.asarray(np.round(z, 9) + 0.0)[:, None]

    def notices(self, values: pl.Series) -> list[Notice]:
        """Whose values are unknown, or far off."""
        numbers = _numbers(values)
        far = int(((numbers - self.mean).abs() > FAR * self.sd).sum())
        found = _unknown(self.name, numbers, f"{self.mean:.6g}")
        if far:
            text = marked(
                "--covariates {column}: {count:,} of {all:,} customers are more than {most:d} standard deviations from "
                "the mean and are taken as that far",
                column=self.name, count=far, all=values.len(), most=FAR,
            )  # fmt: skip
            found.append(Notice("covariate_far", text))
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"name": self.name, "mean": self.mean, "sd": self.sd, "step": self.step}


@dataclass(frozen=True)
class Category:
    """A column of levels, the reference first."""

    name: str
    levels: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of its covariates."""
        return tuple(f"{self.name}={level}" for level in self.levels[1:])

    def covariates(self, values: pl.Series) -> Array:
        """(rows, levels - 1); 0 where the value is unknown."""
        of = values.cast(pl.String).to_numpy()
        return np.stack([(of == level).astype(np.float64) for level in self.levels[1:]], axis=1)

    def notices(self, values: pl.Series) -> list[Notice]:
        """Whose values are unknown, or none that the fit has seen."""
        texts = values.cast(pl.String)
        unseen = texts.filter(~texts.is_in(list(self.levels))).drop_nulls()
        found = _unknown(self.name, texts, self.levels[0])
        if unseen.len():
            text = marked(
                "--covariates {column}: {count:,} of {all:,} customers have a value that the saved model has not seen, "
                "like {first}, and are taken as {value}",
                column=self.name, count=unseen.len(), all=values.len(), first=repr(str(unseen.min())[:40]),
                value=self.levels[0],
            )  # fmt: skip
            found.append(Notice("covariate_unseen", text))
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"name": self.name, "levels": list(self.levels)}


Column = Number | Category


def column_of(value: Mapping[str, Any]) -> Column:
    """A column from what `as_json` gave. Raises KeyError, TypeError, ValueError."""
    if "levels" in value:
        return Category(str(value["name"]), tuple(str(level) for level in value["levels"]))
    mean, sd, step = (float(value[key]) for key in ("mean", "sd", "step"))
    if not (math.isfinite(mean) and 0 < sd < math.inf and 0 <= step <= FAR):
        raise ValueError(f"covariate {value['name']!r} needs a finite mean, a sd above 0 and a step up to {FAR:g}")
    return Number(str(value["name"]), mean, sd, step)


def terms_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """Names of all covariates, in their order."""
    return tuple(term for column in columns for term in column.terms)


def named(options: Any) -> tuple[str, ...]:
    """The columns of --covariates, each once."""
    typed = getattr(options, "covariates", None) or ""
    return tuple(dict.fromkeys(name for part in typed.split(",") if (name := part.strip())))


def learned(frame: pl.DataFrame, names: Sequence[str]) -> tuple[Column, ...]:
    """What the columns are among these buyers. Raises UsageError for those that no model can be moved by."""
    for name in names:
        if name not in frame.columns or name == "customer_id":
            raise UsageError(
                marked("--covariates {column}: no such column in --customers", column=name),
                hint="name columns of --customers, separated by commas",
            )
    plain = tuple(_learned(frame[name], name) for name in names)
    _refuse_told_twice(frame, plain)
    coarse: tuple[Column, ...] = plain
    for step in STEPS:
        coarse = tuple(_in_steps(frame[c.name], c, step) for c in plain)
        if len(np.unique(matrix(frame, coarse), axis=0)) <= CELLS:
            return coarse
    raise UsageError(
        marked(
            "--covariates {columns}: they tell more than {most} kinds of customers apart",
            columns=",".join(names), most=CELLS,
        ),
        hint="name fewer columns, or columns with fewer values",
    )  # fmt: skip


def _learned(values: pl.Series, name: str) -> Column:
    known = values.drop_nulls()
    levels = known.cast(pl.String).alias("level")
    counts = levels.value_counts(sort=False).sort("count", "level", descending=[True, False])
    if counts.height < 2:
        raise UsageError(
            marked("--covariates {column}: has the same value for all customers", column=name),
            hint="leave it out: it tells nobody apart",
        )
    numbers = _numbers(known)
    if counts.height > 2 and not numbers.null_count():
        mean, sd = float(numbers.mean()), float(numbers.std())  # type: ignore[arg-type]
        if not (math.isfinite(mean) and 0 < sd < math.inf and sd > 1e-12 * abs(mean)):
            raise UsageError(
                marked("--covariates {column}: its numbers are too large, or too much alike, to average", column=name),
                hint="give it in a larger unit, or less what all have in common",
            )
        return Number(name, mean, sd)
    if counts.height > LEVELS:
        raise UsageError(
            marked(
                "--covariates {column}: has {n:d} values that are no numbers; {most:d} are the most",
                column=name, n=counts.height, most=LEVELS,
            ),
            hint="put rare values together; numbers are written like 12.5, or left empty",
        )  # fmt: skip
    return Category(name, tuple(counts["level"]))


def _in_steps(values: pl.Series, column: Column, step: float) -> Column:
    if isinstance(column, Category) or (values.n_unique() <= EXACT and step < 1):
        return column
    return Number(column.name, column.mean, column.sd, step)


def _refuse_told_twice(frame: pl.DataFrame, columns: Sequence[Column]) -> None:
    """Raises UsageError for a covariate that the ones before it tell already."""
    told = np.ones((frame.height, 1))
    for column in columns:
        for i, term in enumerate(column.terms):
            more = np.hstack([told, column.covariates(frame[column.name])[:, i : i + 1]])
            gram = more.T @ more
            scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
            if np.linalg.eigvalsh(gram / np.outer(scale, scale))[0] < 1e-9:
                raise UsageError(
                    marked("--covariates {column}: the other covariates tell {term} already", column=column.name,
                           term=term),
                    hint=marked("leave {column} out", column=column.name),
                )  # fmt: skip
            told = more


def matrix(frame: pl.DataFrame, columns: Sequence[Column]) -> Array:
    """The covariates z of each row, (rows, terms)."""
    return np.hstack([column.covariates(frame[column.name]) for column in columns])


@dataclass(frozen=True)
class Encoded:
    """Customers with the cell of each as `model_group`, null for leads; what the columns are; z of each cell."""

    customers: pl.DataFrame
    columns: tuple[Column, ...]
    cells: Mapping[str, Array]
    notices: tuple[Notice, ...] = ()


def encoded(customers: pl.DataFrame, columns: tuple[Column, ...]) -> Encoded:
    """Puts customers (engines/base.py, with their attributes) into cells, and says what is unknown of the buyers."""
    buyers = customers.filter(pl.col("purchases") > 0)
    told = tuple(notice for column in columns for notice in column.notices(buyers[column.name]))
    z, of = np.unique(matrix(customers, columns), axis=0, return_inverse=True)
    names = pl.Series([_cell(columns, row) for row in z], dtype=pl.String)
    cell = names.gather(pl.Series(of.ravel().astype(np.uint32)))
    frame = customers.with_columns(model_group=cell).with_columns(
        model_group=pl.when(pl.col("purchases") > 0).then("model_group")
    )
    return Encoded(frame, columns, dict(zip(names, z, strict=True)), told)


def _cell(columns: Sequence[Column], z: Array) -> str:
    """A cell as people read it: `channel=web; age +0.25 sd`."""
    parts, at = [], 0
    for column in columns:
        own = z[at : at + len(column.terms)]
        at += len(column.terms)
        if isinstance(column, Number):
            parts.append(f"{column.name} {own[0]:+.9g} sd")
        else:
            place = int(np.argmax(own)) + 1 if own.any() else 0
            parts.append(f"{column.name}={column.levels[place]}")
    return "; ".join(parts)


def _numbers(values: pl.Series) -> pl.Series:
    """As finite numbers; null where they are none."""
    if values.dtype in {pl.Boolean, pl.Date}:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, values.len())
    found = values.cast(pl.Float64, strict=False)
    return pl.select(pl.when(found.is_finite()).then(found)).to_series()


def _unknown(column: str, values: pl.Series, value: str) -> list[Notice]:
    if not values.null_count():
        return []
    text = marked(
        "--covariates {column}: {count:,} of {all:,} customers have no value that can be read and are taken as {value}",
        column=column, count=values.null_count(), all=values.len(), value=value,
    )  # fmt: skip
    return [Notice("covariate_unknown", text)]
