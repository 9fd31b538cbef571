"""Rules files: found by path or preset name, read strictly, checked as far as they can be without data."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from clvcli.errors import ConfigError
from clvcli.lifecycle.names import CONTACTABLE, RESERVED
from clvcli.lifecycle.schema import (
    Action,
    Attribute,
    Breakpoints,
    ControlGroup,
    Otherwise,
    RulesFile,
    Stage,
)
from clvcli.shipped import shipped
from clvcli.strict_yaml import Document, load

SUFFIXES = (".yaml", ".yml")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True)
class Rules:
    """A rules file that loaded: ordered stages, the first that matches wins, `otherwise` has the rest."""

    name: str
    description: str
    phases: Mapping[str, str]
    attributes: Mapping[str, Attribute]
    rfm: Breakpoints | None
    fields: Mapping[str, str]
    stages: tuple[Stage, ...]
    otherwise: Otherwise
    control_group: ControlGroup | None
    variants: tuple[str, ...]
    source: Document = field(repr=False, compare=False)

    @property
    def breakpoints(self) -> dict[str, list[float]] | None:
        """Fixed bounds of r (days, falling), f (purchases) and m (currency) where the file gives them; None: fifths."""
        if self.rfm is None:
            return None
        return {name: list(bounds) for name in "rfm" if (bounds := getattr(self.rfm, name)) is not None}

    @property
    def every_stage(self) -> tuple[Otherwise, ...]:
        """The stages in order, then `otherwise`."""
        return (*self.stages, self.otherwise)

    def error(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> ConfigError:
        """A ConfigError that names the place in the file."""
        return ConfigError(f"{self.source.where(path)}: {message}", hint=hint)


def presets() -> list[str]:
    """Names of the shipped rules, sorted."""
    return sorted(path.stem for path in shipped("configs").glob("*.yaml"))


def load_rules(name_or_path: str) -> Rules:
    """The rules of a file, or of a preset when the text is a plain name. Raises ConfigError with file, line, column."""
    if Path(name_or_path).suffix.lower() in SUFFIXES or "/" in name_or_path or "\\" in name_or_path:
        return parse_rules(_read(Path(name_or_path)), name_or_path)
    known = presets()
    if name_or_path in known:
        return parse_rules(_read(shipped("configs") / f"{name_or_path}.yaml"), f"{name_or_path}.yaml")
    if Path(name_or_path).is_file():
        return parse_rules(_read(Path(name_or_path)), name_or_path)
    near = difflib.get_close_matches(name_or_path, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"presets: {', '.join(known)}"
    raise ConfigError(f"no rules file or preset {name_or_path!r}", hint=hint)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(1_048_577)
    except OSError as problem:
        raise ConfigError(
            f"{path}: {problem.strerror or problem}", hint="--rules names a YAML file or a preset"
        ) from None
    except ValueError:
        raise ConfigError(f"{str(path)!r} is no file name", hint="--rules names a YAML file or a preset") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: is not UTF-8 text", hint="save it as UTF-8") from None


def parse_rules(text: str, name: str) -> Rules:
    """The rules in `text`; `name` is the file's name in messages."""
    document = load(text, name)
    if not isinstance(document.value, dict):
        raise ConfigError(f"{document.where(())}: rules are `stages:` with a list", hint="clv rules show rfm-lifecycle")
    try:
        content = RulesFile.model_validate(document.value)
    except ValidationError as problem:
        raise _explained(problem, document) from None
    named = content.name or Path(name).stem
    rules = Rules(**{**dict(content), "name": named}, source=document)
    _check_names(rules)
    _check_stages(rules)
    return rules


def _check_names(rules: Rules) -> None:
    for group in ("attributes", "fields"):
        for name in getattr(rules, group):
            if not _IDENTIFIER.fullmatch(name):
                raise rules.error((group, name), f"{name!r} is no name for a column", "letters, digits and _")
            if name in RESERVED:
                raise rules.error((group, name), f"{name} is a column of the scored table already", "take another name")
            if group == "fields" and (name in rules.attributes or name == CONTACTABLE):
                raise rules.error((group, name), f"{name} is an attribute already", "take another name")
    contactable = rules.attributes.get(CONTACTABLE)
    if contactable is not None and contactable.type != "boolean":
        raise rules.error(("attributes", CONTACTABLE, "type"), "contactable is a boolean", "type: boolean")


def _check_stages(rules: Rules) -> None:
    seen: dict[str, int] = {}
    for index, stage in enumerate(rules.every_stage):
        last = index == len(rules.stages)
        path: tuple[str | int, ...] = ("otherwise",) if last else ("stages", index)
        if stage.stage in seen:
            raise rules.error(
                (*path, "stage"), f"the stage {stage.stage!r} stands twice", "rename or merge one of them"
            )
        seen[stage.stage] = index
        if stage.phase is not None and rules.phases and stage.phase not in rules.phases:
            raise rules.error((*path, "phase"), f"unknown phase {stage.phase!r}", _near(stage.phase, rules.phases))
        wanted = stage.only_with if isinstance(stage, Stage) else None
        if wanted is not None and wanted not in rules.attributes:
            raise rules.error((*path, "only_with"), f"unknown attribute {wanted!r}", _near(wanted, rules.attributes))
    if rules.variants and rules.control_group is None:
        raise rules.error(
            ("variants",), "variants need a control_group, for its salt", "control_group: {share: 0, salt: a}"
        )
    if len(set(rules.variants)) != len(rules.variants):
        raise rules.error(("variants",), "a variant stands twice")


def _near(word: str, known: Iterable[str]) -> str:
    options = list(known)
    near = difflib.get_close_matches(word, options, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(options) or 'none'}"


_WORDS = {
    "missing": "lacks the key {key!r}",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be `key: value` lines",
    "model_type": "must be `key: value` lines",
    "model_attributes_type": "must be `key: value` lines",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "too_long": "has too many items",
}


def _explained(problem: ValidationError, document: Document) -> ConfigError:
    """The first error of pydantic as one line with its place."""
    error: Any = min(problem.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    path = _path_in(document.value, error["loc"])
    label = ".".join(str(p) for p in path) or "the file"
    stage = _stage_label(document.value, path)
    key, kind = str(error["loc"][-1]), error["type"]
    if kind == "extra_forbidden":
        return ConfigError(
            f"{document.where(path)}: unknown key {key!r}{stage}", hint=_near(key, _keys_beside(error["loc"]))
        )
    if kind == "missing":
        return ConfigError(f"{document.where(path)}: {label} lacks the key {key!r}{stage}", hint=f"{key}: ...")
    context = error.get("ctx", {})
    words = _WORDS.get(kind) or str(context.get("error") or error["msg"].lower())
    if kind == "missing":
        words = words.format(key=key)
    return ConfigError(
        f"{document.where(path)}: {label} {words}{stage}", hint="clv rules show rfm-lifecycle has an example"
    )


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
}


def _keys_beside(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    if "actions" in loc[:-1]:
        return list(Action.model_fields)
    model = _LEVELS.get(str(loc[0]), RulesFile) if len(loc) > 1 else RulesFile
    return list(model.model_fields)
