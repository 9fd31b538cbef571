"""How options get their values: default < clv.yaml < CLV_* environment < flag typed. Each value knows its source.

An options class is a frozen dataclass whose fields are made by `opt`; clvcli/core/options/ holds them. The command
line, environment and the YAML file are read against the same declaration, so they accept the same values.
"""

import dataclasses
import difflib
import math
import os
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from clvcli.core.errors import ClvError, ConfigError, UsageError

Check = Callable[[str], object]
"""Raises ValueError with a plain sentence when a text is no value of the option."""


@dataclass(frozen=True)
class OptionInfo:
    """What the help says of an option and how its text is checked."""

    flags: tuple[str, ...]
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    panel: str | None = None
    check: Check | None = None
    positional: bool = False


@dataclass(frozen=True, kw_only=True)
class Options:
    """The base of every options class. `sources` maps each option to `default`, a file, `CLV_NAME` or `flag`."""

    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)


AnyOptions = TypeVar("AnyOptions", bound=Options)


def opt(
    default: Any,
    help: str,  # noqa: A002  # the word that Typer and the help texts use
    *flags: str,
    metavar: str | None = None,
    choices: tuple[str, ...] = (),
    panel: str | None = None,
    check: Check | None = None,
) -> Any:
    """Declares one option. Without `flags` its flag is the field's name in kebab-case."""
    return dataclasses.field(
        default=default, metadata={"option": OptionInfo(flags, help, metavar, choices, panel, check)}
    )


def arg(default: Any, help: str, *, metavar: str) -> Any:  # noqa: A002
    """Declares a positional argument. `...` as default: it must be given. A tuple type takes several."""
    info = OptionInfo((), help, metavar, positional=True)
    return dataclasses.field(
        default=() if default is ... else default, metadata={"option": info, "required": default is ...}
    )


def declared(cls: type[Options]) -> dict[str, tuple[Any, Any, OptionInfo]]:
    """Name -> (type, default, info) of every option that `cls` declares, in order, inherited ones first."""
    hints = typing.get_type_hints(cls)
    return {
        f.name: (hints[f.name], f.default, f.metadata["option"])
        for f in dataclasses.fields(cls)
        if "option" in f.metadata
    }


def flag_name(name: str) -> str:
    """`spend_basis` -> `--spend-basis`."""
    return "--" + name.replace("_", "-")


def resolve(
    cls: type[AnyOptions],
    typed: Mapping[str, Any],
    environ: Mapping[str, str],
    config: Mapping[str, Any] | None = None,
    config_name: str = "clv.yaml",
) -> AnyOptions:
    """Lays the four layers over each other and checks every value once.

    `typed` holds what the user typed (None: not typed). Raises UsageError for flags and CLV_* values, ConfigError for
    values of the file. Names of `config` that `cls` lacks are left alone: the file serves every command.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    required = {f.name for f in dataclasses.fields(cls) if f.metadata.get("required")}
    for name, (hint, default, info) in declared(cls).items():
        variable = "CLV_" + name.upper()
        layers: list[tuple[Any, str, type[ClvError]]] = [
            (typed.get(name), "flag", UsageError),
            (environ.get(variable) or None, variable, UsageError),
            ((config or {}).get(name), config_name, ConfigError),
        ]
        found = next(((v, s, e) for v, s, e in layers if v is not None and v != ()), None)
        if found is None:
            if name in required:
                wanted = " ".join(i.metavar or n for n, (_, _, i) in declared(cls).items() if n in required)
                advice = f"name {wanted if len(required) > 1 else 'it'}, or set it in clv.yaml"
                raise UsageError(f"{(info.metavar or name).rstrip('.')} is missing", hint=advice)
            values[name], sources[name] = default, "default"
            continue
        value, source, error = found
        flag = next((f.partition("/")[0] for f in info.flags if f.startswith("--")), flag_name(name))
        shown = flag if source == "flag" else (variable if source == variable else f"{config_name}: {name}")
        values[name], sources[name] = _coerce(value, hint, info, shown, error), source
    return cls(**values, sources=types.MappingProxyType(sources))


def unknown_variables(known: set[str], environ: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """CLV_* variables that no option reads, each with the nearest known name."""
    names = {"CLV_" + k.upper() for k in known} | {"CLV_TODAY"}
    strangers = sorted(v for v in environ if v.startswith("CLV_") and v not in names)
    return [(v, next(iter(difflib.get_close_matches(v, names, 1)), None)) for v in strangers]


def _coerce(value: Any, hint: Any, info: OptionInfo, shown: str, error: type[ClvError]) -> Any:
    """One value in the type that the option declares."""
    many = typing.get_origin(hint) is tuple
    if many:
        items = value if isinstance(value, (list, tuple)) else str(value).split(os.pathsep if "PATH" in shown else ",")
        return tuple(_coerce(item, str, info, shown, error) for item in items)
    kind = next((a for a in typing.get_args(hint) if a is not type(None)), hint)
    try:
        result = _as(kind, value)
        if isinstance(result, str) and info.choices and result not in info.choices:
            near = difflib.get_close_matches(result, info.choices, 1)
            raise ValueError(f"is one of {', '.join(info.choices)}" + (f"; did you mean {near[0]}?" if near else ""))
        if info.check is not None:
            info.check(str(result))
    except ValueError as problem:
        raise error(f"{shown}: {problem}; got {value!r}") from None
    return result


def _as(kind: Any, value: Any) -> Any:
    if kind is bool:
        text = str(value).strip().lower()
        if text in {"1", "true", "yes", "on"}:
            return True
        if text in {"0", "false", "no", "off"}:
            return False
        raise ValueError("is true or false")
    if isinstance(value, (bool, list, dict, tuple)):
        raise ValueError(f"is a {'number' if kind in (int, float) else 'text'}")
    if kind is int:
        try:
            return int(str(value))
        except ValueError:
            raise ValueError("is a whole number") from None
    if kind is float:
        try:
            number = float(str(value))
        except ValueError:
            raise ValueError("is a number") from None
        if not math.isfinite(number):
            raise ValueError("is a finite number")
        return number
    return str(value)
