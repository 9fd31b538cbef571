"""What is wrong with a rules file, as one line with its place and a hint."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.core.marked import Marked
from clvcli.core.strict_yaml import Document
from clvcli.lifecycle.kinds import RecordError, names_of
from clvcli.lifecycle.schema import (
    Action,
    Attribute,
    Balance,
    Breakpoints,
    ControlGroup,
    Holidays,
    Otherwise,
    RulesFile,
    Stage,
    Step,
)


def near(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known word, or all of them."""
    options = list(known)
    near = difflib.get_close_matches(word, options, 1)
    return (
        marked("did you mean {name}?", name=near[0])
        if near
        else marked("there are {known}", known=", ".join(options) or marked("none"))
    )


def explained(problem: RecordError, document: Document) -> ConfigError:
    """The first unknown key, else the first of what is wrong, as one line with its place."""
    error = min(problem.problems, key=lambda each: each.what != "unknown")
    path = _path_in(document.value, error.path)
    label = _label(path)
    stage = _stage_label(document.value, path)
    key = str(error.path[-1]) if error.path else ""
    if error.what == "unknown":
        hint = (
            near(key, _keys_beside(error.path)) if error.value is not None else marked("text with a comma needs quotes")
        )
        return ConfigError(
            marked("{place}: unknown key {key}{stage}", place=document.where(path), key=repr(key), stage=stage),
            hint=hint,
        )
    if error.what == "missing" and isinstance(error.path[-1], int):
        return ConfigError(
            marked("{place}: {label} needs four bounds", place=document.where(path), label=label),
            hint="r: [365, 180, 90, 30]",
        )
    if error.what == "missing":
        return ConfigError(
            marked(
                "{place}: {label} lacks the key {key}{stage}",
                place=document.where(path),
                label=label,
                key=repr(key),
                stage=stage,
            ),
            hint=f"{key}: ...",
        )
    words = error.words if isinstance(error.words, Marked) else error.words.replace("day is out", "is out")
    return ConfigError(
        marked("{place}: {label} {words}{stage}", place=document.where(path), label=label, words=words, stage=stage),
        hint="clv rules show rfm-lifecycle has an example",
    )


def _label(path: tuple[str | int, ...]) -> str:
    """The key at which something is wrong; the line says the rest."""
    named = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    return f"an item of {named}" if path and isinstance(path[-1], int) else named


def _path_in(value: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of the path that exists in the document: some values are written in other ways than they are read."""
    path: list[str | int] = []
    for step in loc:
        inside = isinstance(value, Mapping) and step in value
        if not inside and not (isinstance(value, list) and isinstance(step, int) and step < len(value)):
            continue
        value = value[step]
        path.append(step)
    return tuple(path)


def _stage_label(value: Any, path: tuple[str | int, ...]) -> str:
    if len(path) >= 2 and path[0] == "stages" and isinstance(path[1], int):
        stage = value["stages"][path[1]]
        if isinstance(stage, dict) and isinstance(stage.get("stage"), str):
            return f" (stage {stage['stage'][:40]!r})"
    return ""


_LEVELS: dict[str, type] = {
    "stages": Stage,
    "otherwise": Otherwise,
    "attributes": Attribute,
    "rfm": Breakpoints,
    "control_group": ControlGroup,
    "balance": Balance,
    "holidays": Holidays,
}


def _keys_beside(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    if "steps" in loc[:-1]:
        return names_of(Step)
    if "actions" in loc[:-1]:
        return names_of(Action)
    model = _LEVELS.get(str(loc[0]), RulesFile) if len(loc) > 1 else RulesFile
    return names_of(model)
