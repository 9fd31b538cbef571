"""The section `run` of clv.yaml, checked: where the outputs go, which steps, which gates."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clvcli.core.errors import ConfigError
from clvcli.core.horizon import parse_span
from clvcli.core.language import marked

STEPS = ("check", "score", "compare", "plan", "report")
OFF = "off"
MAX_AGE = "7d"
"""Maximum age of the newest record where neither gates nor options say: a feed that stopped stops the plan."""
EXAMPLE = "run: {folder: nightly, gates: {max_age: 2d, stage_jump: 10%}}"
Where = Callable[[tuple[str | int, ...]], str]


@dataclass(frozen=True)
class Gates:
    """What must hold. `max_rejects`, `max_age`: as the options of that name, None: as they stand in the file, a
    `max_age` that stands nowhere is MAX_AGE; `off`: no gate.

    `drift`: how far the mean expected purchases and clv of a customer may move since the last good run, as a share.
    `stage_jump`: how far the share of any stage may move, in shares of all customers. None: no gate.
    """

    max_rejects: str | None = None
    max_age: str | None = None
    drift: float | None = 0.2
    stage_jump: float | None = 0.1


@dataclass(frozen=True)
class Section:
    """`folder` holds a folder a day; `steps` in their order; `format` of the tables."""

    folder: str
    steps: tuple[str, ...] = STEPS
    format: str = "csv"
    gates: Gates = Gates()


def read_section(value: Any, where: Where) -> Section:
    """The section from its plain value; `where` says the place of a key. Raises ConfigError."""
    if not isinstance(value, dict):
        raise ConfigError(marked("{place}: run is `key: value` lines", place=where(("run",))), hint=EXAMPLE)
    _known(value, ("folder", "steps", "format", "gates"), ("run",), where)
    folder = value.get("folder", "nightly")
    if not isinstance(folder, str) or not folder:
        raise ConfigError(marked("{place}: folder is a path", place=where(("run", "folder"))), hint="folder: nightly")
    kind = value.get("format", "csv")
    if kind not in ("csv", "parquet"):
        raise ConfigError(
            marked("{place}: format is csv or parquet", place=where(("run", "format"))), hint="format: csv"
        )
    return Section(folder, _steps(value.get("steps"), where), kind, _gates(value.get("gates"), where))


def _steps(value: Any, where: Where) -> tuple[str, ...]:
    if value is None:
        return STEPS
    place = ("run", "steps")
    if not isinstance(value, list):
        raise ConfigError(marked("{place}: steps is a list", place=where(place)), hint=f"steps: [{', '.join(STEPS)}]")
    _known([str(v) for v in value], STEPS, place, where)
    if "score" not in value:
        raise ConfigError(
            marked("{place}: steps lacks score, which the others need", place=where(place)), hint="steps: [score]"
        )
    return tuple(step for step in STEPS if step in value)


def _gates(value: Any, where: Where) -> Gates:
    if value is None:
        return Gates()
    place = ("run", "gates")
    if not isinstance(value, dict):
        raise ConfigError(marked("{place}: gates is `key: value` lines", place=where(place)), hint=EXAMPLE)
    _known(value, ("max_rejects", "max_age", "drift", "stage_jump"), place, where)
    found: dict[str, Any] = {}
    for name, item in value.items():
        try:
            found[name] = _gate(name, item)
        except ValueError as problem:
            raise ConfigError(
                marked(
                    "{place}: {name} {problem}; got {item}",
                    place=where((*place, name)),
                    name=name,
                    problem=problem,
                    item=repr(item),
                )
            ) from None
    return Gates(**found)


def _gate(name: str, item: Any) -> str | float | None:
    if name == "max_rejects":
        return str(item)
    if name == "max_age":
        if item is False or item == OFF:
            return OFF
        parse_span(str(item), infinite=False)
        return str(item)
    if item is False or item == "off":
        return None
    text = str(item)
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if isinstance(item, bool) or not 0 < share < float("inf"):
        raise ValueError("is a share like 20% or 0.2, or false")
    return share


def _known(
    keys: Iterable[str] | Mapping[str, Any], names: tuple[str, ...], place: tuple[str, ...], where: Where
) -> None:
    for index, key in enumerate(keys):
        if key not in names:
            near = difflib.get_close_matches(str(key), names, 1)
            hint = (
                marked("did you mean {name}?", name=near[0])
                if near
                else marked("there are {known}", known=", ".join(names))
            )
            at: tuple[str | int, ...] = (*place, key if isinstance(keys, Mapping) else index)
            raise ConfigError(
                marked("{place}: unknown {key} in {place2}", place=where(at), key=repr(key), place2=".".join(place)),
                hint=hint,
            )
