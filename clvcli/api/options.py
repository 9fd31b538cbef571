"""Keyword arguments as the options of a command: the same names, defaults and checks as on the command line."""

import difflib
import inspect
import numbers
import os
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from clvcli.api.data import document_of, path_of, table_of
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import TalkOptions
from clvcli.core.settings import OptionInfo, Options, checked, declared, flag_of, kind_of, refuse_unused

AnyOptions = TypeVar("AnyOptions", bound=Options)
Function = TypeVar("Function", bound=Callable[..., Any])

TERMINAL = frozenset((*declared(TalkOptions), "json", "result_format"))
"""Options of how a command speaks: a function returns."""
TRANSLATED = ("ScoreOptions", "ReportOptions", "TopOptions", "ExplainOptions", "PlanOptions")
"""Options of commands whose results people read in their language."""
TABLES = frozenset({"customers", "previous", "spend", "contacted", "contacts"})
"""Options that take a table: its file, or a frame."""
DOCUMENTS = frozenset({"use_model", "backtest", "table_manifest", "old_manifest", "new_manifest"})
"""Options that take a JSON file, or its content."""
OUTPUTS = frozenset({"html", "svg", "output", "report", "manifest", "rejects", "redact"})


def known(cls: type[Options]) -> dict[str, tuple[Any, Any, OptionInfo]]:
    """Name -> (type, default, info) of the keyword arguments of a function whose command has these options."""
    hidden = TERMINAL - {"lang"} if cls.__name__ in TRANSLATED else TERMINAL
    return {name: spec for name, spec in declared(cls).items() if name not in hidden and not spec[2].positional}


def options_from(cls: type[AnyOptions], given: Mapping[str, Any], **positional: Any) -> AnyOptions:
    """The options of a call. None leaves the default. Raises UsageError for an unknown name, a value that the option
    does not take, and an option that has no effect beside the others."""
    spec, values = known(cls), dict(positional)
    for name, value in given.items():
        if name not in spec:
            raise _unknown(name, cls, spec)
        if value is not None:
            values[name] = _value(name, spec[name][0], spec[name][2], value)
    sources = {name: "flag" if name in values else "default" for name in declared(cls)}
    options = cls(**values, sources=types.MappingProxyType(sources))
    refuse_unused(options)
    return options


def _unknown(name: str, cls: type[Options], spec: Mapping[str, tuple[Any, Any, OptionInfo]]) -> UsageError:
    if name in declared(cls):
        hint = marked("a function prints nothing, reads no configuration and returns its result")
        return UsageError(marked("{place}: is an option of the command line alone", place=name), hint=hint)
    by_flag = {flag_of(n, info).removeprefix("--").replace("-", "_"): n for n, (_, _, info) in spec.items()}
    near = by_flag.get(name) or next(iter(difflib.get_close_matches(name, spec, 1)), None)
    return UsageError(
        marked("unknown option {name}", name=name),
        hint=marked("did you mean {name}?", name=near) if near else marked("one of {known}", known=", ".join(spec)),
    )


def _value(name: str, hint: Any, info: OptionInfo, value: Any) -> Any:
    kind, many = kind_of(hint)
    try:
        if kind is bool:
            return _truth(value)
        if many:
            parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
            return tuple(checked(kind, info, _plain(name, part)) for part in parts)
        return checked(kind, info, _plain(name, value))
    except ValueError as problem:
        raise UsageError(f"{name}: {problem}; got {value!r}"[:300], hint=f"{name}: {info.help}") from None


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is True or False")
    return value


def _plain(name: str, value: Any) -> Any:
    """A value as the command line would have it: text or a number. Raises ValueError for anything else."""
    if name in TABLES and not isinstance(value, (str, os.PathLike)):
        return table_of(value, name, f"{name} in memory")
    if name in DOCUMENTS and not isinstance(value, (str, os.PathLike)):
        return document_of(value, name)
    if isinstance(value, os.PathLike):
        value = path_of(value, name)
    if name in OUTPUTS and value == "-":
        raise ValueError("is a file: nothing is printed")
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, (str, numbers.Number)):
        return value
    raise ValueError("is a text or a number")


def takes(cls: type[Options]) -> Callable[[Function], Function]:
    """Shows the options of a command as the keyword arguments of a function, with their defaults."""

    def dressed(function: Function) -> Function:
        own = inspect.signature(function)
        first = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        options = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for name, (hint, default, _) in known(cls).items()
        ]
        function.__signature__ = own.replace(parameters=[*first, *options])  # type: ignore[attr-defined]
        return function

    return dressed
