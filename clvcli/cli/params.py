"""Options as Click's parameters, and their values from Click's context: flag > CLV_* > clv.yaml > default."""

import difflib
import types
from collections.abc import Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from clvcli.core.errors import ClvError, ConfigError, UsageError
from clvcli.core.options.panels import TALK
from clvcli.core.settings import OptionInfo, Options, checked, declared, flag_of, kind_of, refuse_unused

AnyOptions = TypeVar("AnyOptions", bound=Options)
CONFIG_NAME = "clvcli.config"
"""Key of `Context.meta` under which the name of the configuration file is kept."""


class Value(click.ParamType[Any, Any]):
    """The text of an option as the number or text that it declares, checked by the option's own check."""

    name = "value"
    envvar_list_splitter = ","

    def __init__(self, kind: Any, info: OptionInfo) -> None:
        self.kind, self.info, self.choices, self.metavar = kind, info, info.choices, info.metavar or ""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return checked(self.kind, self.info, value)
        except ValueError as problem:
            self.fail(f"{problem}; got {value!r}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        from click.shell_completion import CompletionItem

        from clvcli.cli.completion import complete

        chosen = [CompletionItem(choice) for choice in self.choices if choice.startswith(incomplete)]
        return chosen or complete(self.metavar, ctx, incomplete)


def params_of(cls: type[Options]) -> list[click.Parameter]:
    """One parameter an option: arguments first, how a command speaks last."""
    ordered = sorted(declared(cls).items(), key=lambda item: (not item[1][2].positional, item[1][2].panel == TALK))
    return [_param(name, hint, default, info) for name, (hint, default, info) in ordered]


def _param(name: str, hint: Any, default: Any, info: OptionInfo) -> click.Parameter:
    kind, many = kind_of(hint)
    if info.positional:
        return click.Argument(
            [name], nargs=-1 if many else 1, type=Value(kind, info), required=info.required, metavar=info.metavar,
            help=info.help, envvar=f"CLV_{name.upper()}", **({} if info.required else {"default": default}),
        )  # fmt: skip
    long = flag_of(name, info)
    flags = info.flags if any(f.startswith("--") for f in info.flags) else (*info.flags, long)
    shared: dict[str, Any] = {"default": default, "help": info.help}
    if kind is bool:
        return click.Option([*flags, name], is_flag=True, **shared)
    if name == "verbose":
        return click.Option([*flags, name], count=True, **shared)
    if name == "config":
        from clvcli.cli.config_file import use_config

        shared |= {"is_eager": True, "callback": use_config}
    metavar = info.metavar or "|".join(info.choices) or {int: "N", float: "NUMBER"}.get(kind, "TEXT")
    return click.Option([*flags, name], type=Value(kind, info), multiple=many, metavar=metavar, **shared)


def options_of(cls: type[AnyOptions], ctx: click.Context, **forced: Any) -> AnyOptions:
    """The options of a command as its context holds them, with their sources; `forced` values win over all.

    Raises UsageError for a typed option that has no effect beside the others.
    """
    config = ctx.meta.get(CONFIG_NAME, "clv.yaml")
    names = {
        ParameterSource.COMMANDLINE: "flag",
        ParameterSource.DEFAULT_MAP: config,
        ParameterSource.DEFAULT: "default",
    }
    known = declared(cls)
    found = {name: ctx.get_parameter_source(name) or ParameterSource.DEFAULT for name in known}
    sources = {name: names.get(source, f"CLV_{name.upper()}") for name, source in found.items()}
    values: Mapping[str, Any] = {name: ctx.params[name] for name in known} | forced
    sources |= dict.fromkeys(forced, f"{config}: run")
    options = cls(**values, sources=types.MappingProxyType(sources))
    refuse_unused(options)
    return options


def as_own_error(error: click.UsageError) -> ClvError:
    """What Click found wrong, in one line that names the place: the flag, the variable, or the key of the file."""
    ctx, param = error.ctx, getattr(error, "param", None)
    help_hint = f"{ctx.command_path if ctx else 'clv'} --help"
    if isinstance(error, click.MissingParameter) and param is not None:
        wanted = (param.metavar or param.name).rstrip(".")
        usage = (
            " ".join((p.metavar or p.name) for p in ctx.command.params if isinstance(p, click.Argument)) if ctx else ""
        )
        return UsageError(
            f"{wanted} is missing", hint=f"{help_hint.removesuffix(' --help')} {usage}, or {param.name}: in clv.yaml"
        )
    if isinstance(error, click.BadParameter) and param is not None and ctx is not None:
        source = ctx.get_parameter_source(param.name)
        if source is ParameterSource.DEFAULT_MAP:
            return ConfigError(f"{ctx.meta.get(CONFIG_NAME, 'clv.yaml')}: {param.name}: {error.message}")
        place = f"CLV_{param.name.upper()}" if source is ParameterSource.ENVIRONMENT else _shown(param)
        return UsageError(f"{place}: {error.message}")
    unknown: tuple[str, str, Any] | None = None
    if isinstance(error, click.NoSuchOption):
        unknown = "option", error.option_name, error.possibilities
    elif isinstance(error, click.exceptions.NoSuchCommand):
        unknown = "command", error.command_name, error.possibilities
    if unknown is not None:
        kind, name, possible = unknown
        near = "".join(difflib.get_close_matches(name, possible or (), 1, 0.75))
        return UsageError(f"unknown {kind} {name}", hint=f"did you mean {near}? {help_hint}" if near else help_hint)
    message = error.format_message().replace("'", "").rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=help_hint)


def _shown(param: click.Parameter) -> str:
    """The long flag, or the metavar of an argument."""
    if isinstance(param, click.Argument):
        return (param.metavar or param.name).rstrip(".")
    return next((flag for flag in param.opts if flag.startswith("--")), param.opts[0])
