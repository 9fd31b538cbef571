"""clv.yaml: the options of every command in one file. Click reads it as its map of defaults."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from clvcli.cli.params import CONFIG_NAME
from clvcli.core.addresses import masked
from clvcli.core.deprecated import OPTIONS, renamed_keys
from clvcli.core.errors import ConfigError, Notice

DEFAULT_CONFIG = "clv.yaml"
NOTICES = "clvcli.notices"
"""Key of `Context.meta` for what reading the configuration had to say."""
OUTPUTS = frozenset({"output", "report", "manifest", "rejects", "charts", "log_file"})
"""Options that name what is written."""
PATHS = ("FILE", "DIR", "DATA", "SCORED", "OLD", "NEW")
"""Metavars that begin so stand for paths: in a file they are relative to that file."""


def use_config(ctx: click.Context, _param: click.Parameter, path: str | None) -> str | None:
    """Takes the options of the file that --config or CLV_CONFIG names, else of clv.yaml where there is one."""
    if not ctx.resilient_parsing and (path or Path(DEFAULT_CONFIG).is_file()):
        values, notices = read_config(path or DEFAULT_CONFIG)
        ctx.default_map = {p.name: _listed(p, values[p.name]) for p in ctx.command.params if p.name in values}
        if not path:
            own = {p.name for p in ctx.command.params}
            stay_within(Path(DEFAULT_CONFIG), {n: v for n, v in values.items() if n in OUTPUTS & own})
        ctx.meta[CONFIG_NAME], ctx.meta[NOTICES] = path or DEFAULT_CONFIG, notices
        if ctx.obj is not None and ctx.obj.t.english:
            ctx.obj.speak(str(values.get("lang")))
    return path


def stay_within(file: Path, places: Mapping[str, Any]) -> None:
    """Raises ConfigError for an output that a file nobody named places outside of its folder: it may be anybody's."""
    folder = os.path.realpath(file.parent)
    for name, place in places.items():
        inside = os.path.realpath(str(place)).startswith(os.path.join(folder, ""))
        if place != "-" and not inside:
            hint = f"type it, or name the file that says it: --config {file}"
            raise ConfigError(
                f"{file}: {name} lies outside of the folder of {file}: {place}", hint=hint, code="outside_folder"
            )


def _listed(param: click.Parameter, value: Any) -> Any:
    """A value, or the list of them that an option of several takes."""
    several = param.nargs == -1 or getattr(param, "multiple", False)
    if not several or isinstance(value, list):
        return value
    return [value] if param.name == "data" else str(value).split(",")


def read_config(path: str) -> tuple[dict[str, Any], list[Notice]]:
    """The options of a configuration, paths resolved against its folder, and what to say of old names.

    Raises ConfigError for a file that cannot be read, is no map, or names an option that no command has.
    """
    from clvcli.cli.commands import every_option
    from clvcli.core.strict_yaml import load

    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ConfigError(f"{file}: {reason}", hint="--config names a YAML file of options") from None
    document = load(text, str(file))
    value = {} if document.value is None else document.value
    if not isinstance(value, dict):
        raise ConfigError(f"{document.where(())}: a configuration is `option: value` lines", hint="horizon: 12m")
    known = every_option()
    values: dict[str, Any] = {}
    for key, item in value.items():
        name = str(key).replace("-", "_")
        if name not in known.keys() | OPTIONS.keys() | {"run"}:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "clv config lists the options"
            raise ConfigError(f"{document.where((key,))}: unknown option {key!r}", hint=hint, code="settings")
        if item is not None:
            values[name] = item
    values, notices = renamed_keys(values, "", f"{file}: ")
    notices = [*notices, *_about_secrets(file, values)]
    return {name: _beside(file, known.get(name, ""), item) for name, item in values.items()}, notices


def _about_secrets(file: Path, values: Mapping[str, Any]) -> list[Notice]:
    """What is said of passwords in clear."""
    texts = {name: item if isinstance(item, list) else [item] for name, item in values.items()}
    named = [name for name, items in texts.items() if any(masked(str(item)) != str(item) for item in items)]
    if not named:
        return []
    message = f"{file}: {named[0]} has a password in clear"
    return [Notice("secret_in_config", f"{message}; leave it to PGPASSWORD, ~/.pgpass or CLV_DATA")]


def _beside(file: Path, metavar: str, item: Any) -> Any:
    """A path of the file, relative to the file's folder; a preset of rules is none."""
    if isinstance(item, list):
        return [_beside(file, metavar, part) for part in item]
    preset = "PRESET" in metavar and not str(item).endswith((".yaml", ".yml"))
    if not isinstance(item, str) or not metavar.startswith(PATHS) or preset or item == "-" or "://" in item:
        return item
    return os.path.normpath(file.parent / item)
