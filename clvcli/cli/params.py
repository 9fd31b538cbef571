"""Options as Typer's parameters, and their values: flag > CLV_* > clv.yaml > default."""

import difflib
import inspect
import os
import types
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import typer
from typer.main import get_command

from clvcli.cli.config_file import DEFAULT_CONFIG, configuration
from clvcli.cli.console import Console
from clvcli.core.errors import ClvError, ConfigError, UsageError
from clvcli.core.language import marked
from clvcli.core.settings import OptionInfo, Options, checked, declared, flag_of, flags_of, kind_of, refuse_unused

AnyOptions = TypeVar("AnyOptions", bound=Options)


def params_of(cls: type[Options]) -> list[Any]:
    """Typer's parameters of the options of a command: what may be typed, and `--help-all`."""

    def command() -> None: ...

    own = [_param(name, hint, info) for name, (hint, _, info) in declared(cls).items()]
    every = typer.Option(False, "--help-all", is_eager=True, callback=_show_all)
    own.append(inspect.Parameter("help_all", inspect.Parameter.KEYWORD_ONLY, default=every, annotation=bool))
    command.__signature__ = inspect.Signature(own)  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return get_command(app).params


def _param(name: str, hint: Any, info: OptionInfo) -> inspect.Parameter:
    kind, many = kind_of(hint)
    counted = name == "verbose"
    typed = bool if kind is bool else int if counted else list[str] if many else str
    given = typer.Argument(None) if info.positional else typer.Option(None, *flags_of(name, info), count=counted)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=given, annotation=typed)


def _show_all(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        from clvcli.cli.help_page import page_of, screen_width

        typer.echo(page_of(ctx.command.command, screen_width(), whole=True), nl=False)  # type: ignore[attr-defined]
        raise typer.Exit


def options_of(
    cls: type[AnyOptions],
    typed: Mapping[str, Any],
    forced: Mapping[str, Any] = types.MappingProxyType({}),
    console: Console | None = None,
    path: str = "clv",
) -> AnyOptions:
    """The options of a command with their sources. `typed` has the texts of the command line; `forced` values win over
    all; the `console` takes over what reading clv.yaml has to say; `path` is the command as it is typed.

    Raises UsageError or ConfigError for a value that an option cannot take, and UsageError for an argument that is
    missing or a typed option that has no effect beside the others.
    """
    known = declared(cls)
    config, _ = _found("config", typed, {}, "") if "config" in known else (None, "")
    file = configuration(config, known, console) if "config" in known else {}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in dict.fromkeys(name for name in (*typed, *known) if name in known):
        hint, default, info = known[name]
        value, sources[name] = _found(name, typed, file, config or DEFAULT_CONFIG)
        if value is not None:
            values[name] = _converted(name, hint, info, value, sources[name])
        else:
            values[name] = default
        if info.required and not values[name] and name not in forced:
            raise _missing(name, known, path)
    sources |= dict.fromkeys(forced, f"{config or DEFAULT_CONFIG}: run")
    options = cls(**values | dict(forced), sources=types.MappingProxyType(sources))
    refuse_unused(options)
    return options


def _found(name: str, typed: Mapping[str, Any], file: Mapping[str, Any], config: str) -> tuple[Any, str]:
    """The text or value of an option, None for its default, and where it comes from."""
    variable = f"CLV_{name.upper()}"
    if typed.get(name) is not None:
        return typed[name], "flag"
    if os.environ.get(variable):
        return os.environ[variable], variable
    return (file[name], config) if name in file else (None, "default")


def _converted(name: str, hint: Any, info: OptionInfo, value: Any, source: str) -> Any:
    """A value as an option declares it, checked by the option's own check."""
    kind, many = kind_of(hint)

    def one(part: Any) -> Any:
        try:
            return checked(kind, info, part)
        except ValueError as problem:
            message = marked("{problem}; got {part}", problem=problem.args[0], part=repr(part))
        if source == "flag":
            raise UsageError(marked("{place}: {text}", place=flag_of(name, info), text=message))
        if source.startswith("CLV_"):
            raise UsageError(marked("{place}: {text}", place=source, text=message))
        raise ConfigError(marked("{place}: {name}: {text}", place=source, name=name, text=message))

    if not many:
        return one(int(value) if value is True and kind is int else value)  # verbose: true
    if not isinstance(value, (list, tuple)):
        value = [value] if name == "data" and not source.startswith("CLV_") else str(value).split(",")
    return tuple(map(one, value))


def _missing(name: str, known: Mapping[str, tuple[Any, Any, OptionInfo]], path: str) -> UsageError:
    """What is said of an argument that must be given."""
    usage = " ".join(info.metavar or other for other, (_, _, info) in known.items() if info.positional)
    return UsageError(
        marked("{name} is missing", name=flag_of(name, known[name][2])),
        hint=marked("{path} {usage}, or {name}: in clv.yaml", path=path, usage=usage, name=name),
    )


def unknown(kind: str, name: str, possible: Iterable[str], path: str) -> UsageError:
    """What is said of a command or an option that does not exist."""
    near = "".join(difflib.get_close_matches(name, possible, 1, 0.75))
    return UsageError(
        marked("unknown command {name}", name=name)
        if kind == "command"
        else marked("unknown option {name}", name=name),
        hint=marked("did you mean {name}? {path} --help", name=near, path=path) if near else f"{path} --help",
    )


def as_own_error(error: typer.TyperException) -> ClvError:
    """What Typer found wrong, in one line."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else "clv"
    if hasattr(error, "possibilities"):
        return unknown("option", getattr(error, "option_name", ""), error.possibilities or (), path)
    message = error.format_message().replace("'", "").rstrip(".")
    message = message[:1].lower() + message[1:]
    name = getattr(error, "option_name", None)
    if message == f"option {name} requires an argument":
        message = marked("option {name} requires an argument", name=name)
    return UsageError(message, hint=f"{path} --help")
