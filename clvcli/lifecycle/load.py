"""Rules files: found by path or preset name, read strictly, checked as far as they can be without data."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.core.resources import shipped
from clvcli.core.strict_yaml import Document, load
from clvcli.lifecycle.kinds import RecordError, read_record
from clvcli.lifecycle.names import CONTACTABLE, RESERVED
from clvcli.lifecycle.schema import (
    Action,
    Attribute,
    Balance,
    Breakpoints,
    ControlGroup,
    Holidays,
    Otherwise,
    RulesFile,
    SharedFile,
    Stage,
)
from clvcli.lifecycle.validation_errors import explained, near

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
    conditions: Mapping[str, str]
    stages: tuple[Stage, ...]
    otherwise: Otherwise
    control_group: ControlGroup | None
    variants: tuple[str, ...]
    balance: Balance
    consent: Mapping[str, str]
    holidays: Holidays | None
    actions: tuple[Action, ...]
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
        return ConfigError(
            marked("{place}: {text}", place=self.source.where(path), text=message), hint=hint, code="rules"
        )


def presets() -> list[str]:
    """Names of the shipped rules, sorted."""
    return sorted(path.stem for path in shipped("configs").glob("*.yaml"))


def load_rules(name_or_path: str) -> Rules:
    """The rules of a file, or of a preset when the text is a plain name. Raises ConfigError with file, line, column."""
    path = _found(name_or_path)
    return parse_rules(_read(path), name_or_path if path == Path(name_or_path) else path.name)


def source_text(name_or_path: str) -> str:
    """The file as it stands, once it has loaded."""
    load_rules(name_or_path)
    return _read(_found(name_or_path))


def _found(name_or_path: str) -> Path:
    if Path(name_or_path).suffix.lower() in SUFFIXES or "/" in name_or_path or "\\" in name_or_path:
        return Path(name_or_path)
    known = presets()
    if name_or_path in known:
        return shipped("configs") / f"{name_or_path}.yaml"
    if Path(name_or_path).is_file():
        return Path(name_or_path)
    near = difflib.get_close_matches(name_or_path, known, 1)
    hint = marked("did you mean {name}?", name=near[0]) if near else marked("presets: {known}", known=", ".join(known))
    raise ConfigError(
        marked("no rules file or preset {name_or_path}", name_or_path=repr(name_or_path)), hint=hint, code="rules"
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(1_048_577)
    except OSError as problem:
        raise ConfigError(
            marked("{place}: {value}", place=path, value=problem.strerror or problem),
            hint="--rules names a YAML file or a preset",
        ) from None
    except ValueError:
        raise ConfigError(
            marked("{path} is no file name", path=repr(str(path))), hint="--rules names a YAML file or a preset"
        ) from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise ConfigError(
            marked("{path}:{line}: is not UTF-8 text", path=path, line=line), hint="save it as UTF-8"
        ) from None


def parse_rules(text: str, name: str) -> Rules:
    """The rules in `text`; `name` is the file's name in messages."""
    document = load(text, name)
    if not isinstance(document.value, dict):
        raise ConfigError(
            marked("{place}: rules are `stages:` with a list", place=document.where(())),
            hint="clv rules show rfm-lifecycle",
            code="rules",
        )
    content = _validated(RulesFile, document)
    base = _shared(content.based_on, document)
    rules = Rules(
        name=content.name or Path(name).stem,
        description=content.description,
        phases=content.phases,
        attributes={**base.attributes, **content.attributes},
        rfm=content.rfm,
        fields={**base.fields, **content.fields},
        conditions={**base.conditions, **content.conditions},
        stages=content.stages,
        otherwise=content.otherwise,
        control_group=content.control_group,
        variants=content.variants,
        balance=content.balance,
        consent=content.consent,
        holidays=content.holidays,
        actions=content.actions,
        source=document,
    )
    _check_names(rules)
    _check_stages(rules)
    return replace(rules, stages=tuple(_resolved(rules, i, stage) for i, stage in enumerate(rules.stages)))


M = TypeVar("M", bound=SharedFile)


def _validated(model: type[M], document: Document) -> M:
    try:
        return read_record(model, document.value)
    except RecordError as problem:
        raise explained(problem, document) from None


def _shared(name: str | None, document: Document) -> SharedFile:
    """The shipped file of conditions that rules are based on."""
    if name is None:
        return SharedFile()
    folder = shipped("configs") / "shared"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise ConfigError(
            marked("{place}: unknown shared file {name}", place=document.where(("based_on",)), name=repr(name)),
            hint=near(name, known),
        )
    return _validated(SharedFile, load(_read(folder / f"{name}.yaml"), f"shared/{name}.yaml"))


def _resolved(rules: Rules, index: int, stage: Stage) -> Stage:
    """The stage with its condition written out in `when`."""
    if stage.when and stage.is_:
        raise rules.error(("stages", index, "is"), f"stage {stage.stage!r} has both when and is", "leave one out")
    if not stage.when and not stage.is_:
        raise rules.error(
            ("stages", index), f"an item of stages lacks the key 'when' (stage {stage.stage!r})", "when: ..."
        )
    for name in stage.is_:
        if name not in rules.conditions:
            raise rules.error(("stages", index, "is"), f"unknown condition {name!r}", near(name, rules.conditions))
    if len(stage.is_) == 1:
        return replace(stage, when=rules.conditions[stage.is_[0]])
    return replace(stage, when=stage.when or " OR ".join(f"({rules.conditions[n]})" for n in stage.is_))


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
                (*path, "stage"), f"the stage {stage.stage!r} appears twice", "rename or merge one of them"
            )
        seen[stage.stage] = index
        if stage.phase is not None and rules.phases and stage.phase not in rules.phases:
            raise rules.error((*path, "phase"), f"unknown phase {stage.phase!r}", near(stage.phase, rules.phases))
        wanted = stage.only_with if isinstance(stage, Stage) else None
        if wanted is not None and wanted not in rules.attributes:
            raise rules.error((*path, "only_with"), f"unknown attribute {wanted!r}", near(wanted, rules.attributes))
    if rules.variants and rules.control_group is None:
        raise rules.error(
            ("variants",), "variants need a control_group, for its salt", "control_group: {share: 0, salt: a}"
        )
    if len(set(rules.variants)) != len(rules.variants):
        raise rules.error(("variants",), "a variant appears twice")
