"""What pydantic finds wrong with a rules file, as one line with its place and a hint."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.core.strict_yaml import Document
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


_WORDS = {
    "string_type": marked("must be text"),
    "tuple_type": marked("must be a list"),
    "list_type": marked("must be a list"),
    "dict_type": marked("must be `key: value` lines"),
    "model_type": marked("must be `key: value` lines"),
    "model_attributes_type": marked("must be `key: value` lines"),
    "float_type": marked("must be a number"),
    "int_type": marked("must be a whole number"),
    "bool_type": marked("must be true or false"),
    "too_short": marked("must not be empty"),
    "string_too_short": marked("must not be empty"),
    "string_too_long": marked("is too long"),
    "too_long": "has more than {max_length} items",
}


def explained(problem: ValidationError, document: Document) -> ConfigError:
    """The first error of pydantic as one line with its place."""
    error: Any = min(problem.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    path = _path_in(document.value, error["loc"])
    label = _label(path)
    stage = _stage_label(document.value, path)
    key, kind = str(error["loc"][-1]), error["type"]
    if kind == "extra_forbidden":
        hint = (
            near(key, _keys_beside(error["loc"]))
            if error["input"] is not None
            else marked("text with a comma needs quotes")
        )
        return ConfigError(
            marked("{place}: unknown key {key}{stage}", place=document.where(path), key=repr(key), stage=stage),
            hint=hint,
        )
    if kind == "missing" and isinstance(error["loc"][-1], int):
        return ConfigError(
            marked("{place}: {label} needs four bounds", place=document.where(path), label=label),
            hint="r: [365, 180, 90, 30]",
        )
    if kind == "missing":
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
    more = error.get("ctx", {})
    words = _WORDS.get(kind, "").format(**more) or _plain(str(more.get("error") or error["msg"]))
    return ConfigError(
        marked("{place}: {label} {words}{stage}", place=document.where(path), label=label, words=words, stage=stage),
        hint="clv rules show rfm-lifecycle has an example",
    )


def _plain(message: str) -> str:
    """Pydantic's sentence as the end of ours."""
    return message.replace("Input should be", "must be").replace("day is out of range", "is out of range")


def _label(path: tuple[str | int, ...]) -> str:
    """The key at which something is wrong; the line says the rest."""
    named = next((str(step) for step in reversed(path) if isinstance(step, str)), "the file")
    return f"an item of {named}" if path and isinstance(path[-1], int) else named


def _path_in(value: Any, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of pydantic's location that exists in the document; it adds the names of union members."""
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


_LEVELS: dict[str, type[BaseModel]] = {
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
        return list(Step.model_fields)
    if "actions" in loc[:-1]:
        return list(Action.model_fields)
    model = _LEVELS.get(str(loc[0]), RulesFile) if len(loc) > 1 else RulesFile
    return [field.alias or name for name, field in model.model_fields.items()]
