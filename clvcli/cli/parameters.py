"""Options as the parameters that Typer reads."""

import inspect
from typing import Annotated, Any, get_origin

import typer

from clvcli.core.options.panels import TALK
from clvcli.core.settings import OptionInfo, Options, declared, flag_name


def parameters_of(options: type[Options]) -> list[inspect.Parameter]:
    """One parameter an option, None where nothing is typed; how a command speaks comes last."""
    talk_last = sorted(declared(options).items(), key=lambda item: item[1][2].panel == TALK)
    return [_parameter(name, hint, default, info) for name, (hint, default, info) in talk_last]


def _parameter(name: str, hint: Any, default: Any, info: OptionInfo) -> inspect.Parameter:
    many = get_origin(hint) is tuple
    kind: Any = bool if hint is bool else (list[str] if many else str)
    if info.positional:
        marker: Any = typer.Argument(help=info.help, metavar=info.metavar, show_default=False)
        return _keyword(name, Annotated[kind | None, marker], None)  # clv.yaml may give it too
    flags = info.flags if any(f.startswith("--") for f in info.flags) else (*info.flags, flag_name(name))
    if name == "verbose":
        marker = typer.Option(*flags, help=info.help, count=True, show_default=False, rich_help_panel=info.panel)
        return _keyword(name, Annotated[int, marker], 0)
    shown = "" if default in (None, False, (), True) else f" (default: {default})"
    metavar = "" if hint is bool else info.metavar or "|".join(info.choices) or _METAVARS.get(hint, "TEXT")
    marker = typer.Option(
        *flags, help=info.help + shown, metavar=metavar, show_default=False, rich_help_panel=info.panel
    )
    return _keyword(name, Annotated[kind | None, marker], None)


_METAVARS = {int: "N", float: "NUMBER", int | None: "N", float | None: "NUMBER"}


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
