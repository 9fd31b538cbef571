"""The four layers of an option's value, gathered: flags, environment, clv.yaml, defaults."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from clvcli.cli.commands import COMMANDS
from clvcli.cli.console import Console
from clvcli.core.deprecated import OPTIONS, renamed_keys
from clvcli.core.errors import ConfigError, UsageError
from clvcli.core.settings import Options, declared, resolve, unknown_variables

AnyOptions = TypeVar("AnyOptions", bound=Options)
DEFAULT_CONFIG = "clv.yaml"
PATHS = {
    "customers",
    "previous",
    "use_model",
    "backtest",
    "output",
    "report",
    "charts",
    "table_manifest",
    "manifest",
    "rejects",
    "log_file",
    "spend",
    "contacted",
    "old_manifest",
    "new_manifest",
    "scored",
}
"""Options that hold a path: in a file they are relative to that file."""


def options_of(cls: type[AnyOptions], typed: Mapping[str, Any], console: Console) -> AnyOptions:
    """Lays the layers over each other. Raises UsageError (flags, CLV_*) or ConfigError (the file)."""
    typed = {k: v for k, v in typed.items() if not (k == "verbose" and v == 0)}
    path = typed.get("config") or os.environ.get("CLV_CONFIG")
    config, name = (
        read_config(path, known_options()) if path or Path(DEFAULT_CONFIG).is_file() else ({}, DEFAULT_CONFIG)
    )
    config, of_file = renamed_keys(config, "", f"{name}: ")
    environ, of_environment = renamed_keys(os.environ, "CLV_", "")
    console.pending += [*of_environment, *of_file]
    options = resolve(cls, typed, environ, config, name)
    console.configure(options)
    said = any(variable.startswith("CLV_") for variable in environ)
    for variable, near in unknown_variables(known_options(), environ) if said else ():
        raise UsageError(f"{variable} is no option of clv", hint=f"did you mean {near}?" if near else "unset it")
    return options


def known_options() -> set[str]:
    """The names of the options of all commands: a file and the environment serve them all."""
    return {name for command in COMMANDS for name in declared(command.options)}


def read_config(path: str | None, known: set[str]) -> tuple[dict[str, Any], str]:
    """The options of a clv.yaml, paths resolved against its folder, and its name for messages."""
    import difflib

    from clvcli.core.strict_yaml import load

    file = Path(path or DEFAULT_CONFIG)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
        raise ConfigError(f"{file}: {reason}", hint="--config names a YAML file of options") from None
    document = load(text, str(file))
    value = document.value
    if value is None:
        return {}, str(file)
    if not isinstance(value, dict):
        raise ConfigError(f"{document.where(())}: a configuration is `option: value` lines", hint="horizon: 12m")
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = str(key).replace("-", "_")
        if name not in known | OPTIONS.keys() | {"run"}:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "clv score --help lists the options"
            raise ConfigError(f"{document.where((key,))}: unknown option {key!r}", hint=hint)
        result[name] = _beside(file, name, item)
    return result, str(file)


def _beside(file: Path, name: str, item: Any) -> Any:
    """A path of the file, relative to the file's folder; `data` takes several, `rules` may be a preset."""
    if name == "data":
        items = item if isinstance(item, list) else [item]
        return [_beside_one(file, str(i)) for i in items]
    if name in PATHS and isinstance(item, str):
        return _beside_one(file, item)
    if name == "rules" and isinstance(item, str) and item.endswith((".yaml", ".yml")):
        return _beside_one(file, item)
    return item


def _beside_one(file: Path, item: str) -> str:
    return item if item == "-" or "://" in item else os.path.normpath(file.parent / item)
