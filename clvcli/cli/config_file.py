"""clv.yaml: the options of every command in one file."""

import difflib
import os
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from clvcli.cli.console import Console
from clvcli.core.addresses import masked
from clvcli.core.deprecated import OPTIONS, renamed_keys
from clvcli.core.errors import ConfigError, Notice
from clvcli.core.language import marked

DEFAULT_CONFIG = "clv.yaml"
OUTPUTS = frozenset({"output", "report", "manifest", "rejects", "charts", "log_file"})
"""Options that name what is written."""
PATHS = ("FILE", "DIR", "DATA", "SCORED", "OLD", "NEW")
"""Metavars that begin so stand for paths: in a file they are relative to that file."""


def configuration(path: str | None, own: Container[str], console: Console | None) -> dict[str, Any]:
    """The options `own` to a command in the file that --config or CLV_CONFIG names, else in clv.yaml if there is one.
    The console takes over its language and its notices.

    Raises ConfigError for what `read_config` and `stay_within` refuse.
    """
    if not path and not Path(DEFAULT_CONFIG).is_file():
        return {}
    values, notices = read_config(path or DEFAULT_CONFIG)
    if console is not None:
        console.pending += notices
        if console.t.english:
            console.speak(str(values.get("lang")))
    values = {name: value for name, value in values.items() if name in own and name != "config"}
    if not path:
        stay_within(Path(DEFAULT_CONFIG), {name: value for name, value in values.items() if name in OUTPUTS})
    return values


def stay_within(file: Path, places: Mapping[str, Any]) -> None:
    """Raises ConfigError for an output that a file nobody named places outside of its folder: it may be anybody's."""
    folder = os.path.realpath(file.parent)
    for name, place in places.items():
        inside = os.path.realpath(str(place)).startswith(os.path.join(folder, ""))
        if place != "-" and not inside:
            hint = marked("type it, or name the file that says it: --config {file}", file=file)
            raise ConfigError(
                marked(
                    "{place}: {name} lies outside of the folder of {file}: {place2}",
                    place=file,
                    name=name,
                    file=file,
                    place2=place,
                ),
                hint=hint,
                code="outside_folder",
            )


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
        raise ConfigError(
            marked("{place}: a configuration is `option: value` lines", place=document.where(())), hint="horizon: 12m"
        )
    known = every_option()
    values: dict[str, Any] = {}
    for key, item in value.items():
        name = str(key).replace("-", "_")
        if name not in known.keys() | OPTIONS.keys() | {"run"}:
            near = difflib.get_close_matches(name, known, 1)
            hint = marked("did you mean {name}?", name=near[0]) if near else marked("clv config lists the options")
            raise ConfigError(
                marked("{place}: unknown option {key}", place=document.where((key,)), key=repr(key)),
                hint=hint,
                code="settings",
            )
        if item is not None:
            values[name] = item
    values, notices = renamed_keys(values, "", f"{file}: ")
    notices = [*notices, *_about_secrets(file, values)]
    return {name: _relative(file, known.get(name, ""), item) for name, item in values.items()}, notices


def _about_secrets(file: Path, values: Mapping[str, Any]) -> list[Notice]:
    """What is said of passwords in clear."""
    texts = {name: item if isinstance(item, list) else [item] for name, item in values.items()}
    named = [name for name, items in texts.items() if any(masked(str(item)) != str(item) for item in items)]
    if not named:
        return []
    message = marked(
        "{place}: {name} has a password in clear; leave it to PGPASSWORD, ~/.pgpass or CLV_DATA",
        place=file, name=named[0],
    )  # fmt: skip
    return [Notice("secret_in_config", message)]


def _relative(file: Path, metavar: str, item: Any) -> Any:
    """A path of the file, relative to the file's folder; a preset of rules is none."""
    if isinstance(item, list):
        return [_relative(file, metavar, part) for part in item]
    preset = "PRESET" in metavar and not str(item).endswith((".yaml", ".yml"))
    if not isinstance(item, str) or not metavar.startswith(PATHS) or preset or item == "-" or "://" in item:
        return item
    return os.path.normpath(file.parent / item)
