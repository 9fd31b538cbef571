"""What an option is: a field of a frozen dataclass, declared once by `opt` or `arg` in clvcli/core/options/.

The command line, CLV_* variables and clv.yaml are read against the same declaration: clvcli/cli/params.py.
"""

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clvcli.core.errors import UsageError
from clvcli.core.language import marked

TRUTHS = dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True) | dict.fromkeys(
    ("0", "false", "f", "no", "n", "off"), False
)
Check = Callable[[str], object]
"""Raises ValueError with a plain sentence when a text is no value of the option."""


@dataclass(frozen=True)
class OptionInfo:
    """What the help says of an option and how its text is checked.

    `needs` and `unless` name another option, or one of its values ("engine=spark"): without it, or with it, this
    option would have no effect and is refused when it is typed. `instead_of`: options that have none beside this one.
    """

    flags: tuple[str, ...]
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    panel: str | None = None
    check: Check | None = None
    needs: str | None = None
    unless: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    positional: bool = False
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Options:
    """The base of every options class. `sources` maps each option to `default`, a file, `CLV_NAME` or `flag`."""

    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)


def opt(
    default: Any,
    help: str,  # noqa: A002  # the word of the help texts
    *flags: str,
    metavar: str | None = None,
    choices: tuple[str, ...] = (),
    panel: str | None = None,
    check: Check | None = None,
    needs: str | None = None,
    unless: tuple[str, ...] = (),
    instead_of: tuple[str, ...] = (),
) -> Any:
    """Declares one option. Without a long flag among `flags` it is the field's name in kebab-case."""
    info = OptionInfo(flags, help, metavar, choices, panel, check, needs, unless, instead_of)
    return dataclasses.field(default=default, metadata={"option": info})


def arg(default: Any, help: str, *, metavar: str) -> Any:  # noqa: A002
    """Declares a positional argument. `...` as default: it must be given. A tuple type takes several."""
    info = OptionInfo((), help, metavar, positional=True, required=default is ...)
    return dataclasses.field(default=() if default is ... else default, metadata={"option": info})


def declared(cls: type[Options]) -> dict[str, tuple[Any, Any, OptionInfo]]:
    """Name -> (type, default, info) of every option that `cls` declares, in order, inherited ones first.

    A field that a class declares again without `opt` is no option of its command.
    """
    hints = typing.get_type_hints(cls)
    return {
        f.name: (hints[f.name], f.default, f.metadata["option"])
        for f in dataclasses.fields(cls)
        if "option" in f.metadata
    }


def kind_of(hint: Any) -> tuple[Any, bool]:
    """The type of one value of an option, and whether it takes several: (str, True) for `tuple[str, ...]`."""
    many = typing.get_origin(hint) is tuple
    return (str if many else next((a for a in typing.get_args(hint) if a is not types.NoneType), hint)), many


def checked(kind: Any, info: OptionInfo, value: Any) -> Any:
    """A text or a number as the value that an option declares. Raises ValueError with a plain sentence."""
    result = _number_or_text(kind, value)
    if info.choices and result not in info.choices:
        import difflib

        near = difflib.get_close_matches(result, info.choices, 1)
        known = ", ".join(info.choices)
        if near:
            raise ValueError(marked("is one of {known}; did you mean {name}?", known=known, name=near[0]))
        raise ValueError(marked("is one of {known}", known=known))
    if info.check is not None:
        info.check(str(result))
    return result


def _number_or_text(kind: Any, value: Any) -> Any:
    if kind is bool:
        if str(value).strip().lower() not in TRUTHS:
            raise ValueError(marked("is true or false"))
        return TRUTHS[str(value).strip().lower()]
    if isinstance(value, (bool, list, dict, tuple)):
        raise ValueError(marked("is a number") if kind in (int, float) else marked("is a text"))
    if kind not in (int, float):
        return value if isinstance(value, str) else str(value)
    try:
        number = kind(str(value))
    except ValueError:
        raise ValueError(marked("is a whole number") if kind is int else marked("is a number")) from None
    if not math.isfinite(number):
        raise ValueError(marked("is a finite number"))
    return number


def flag_of(name: str, info: OptionInfo) -> str:
    """The long flag of an option, `--spend-basis` for `spend_basis`; an argument's metavar."""
    if info.positional:
        return (info.metavar or name).rstrip(".")
    long = next((flag for flag in info.flags if flag.startswith("--")), "--" + name.replace("_", "-"))
    return long.partition("/")[0]


def flags_of(name: str, info: OptionInfo) -> tuple[str, ...]:
    """All that may be typed for an option, `--header/--no-header` as one."""
    return info.flags if any(flag.startswith("--") for flag in info.flags) else (*info.flags, flag_of(name, info))


def takes_value(name: str, hint: Any) -> bool:
    """Whether a value is typed after the flag of an option; -v is counted."""
    return name != "verbose" and kind_of(hint)[0] is not bool


def refuse_unused(options: Options) -> None:
    """Raises UsageError for an option that was typed although the others leave it without effect."""
    known = declared(type(options))
    stronger = [(other, info.instead_of) for other, (_, _, info) in known.items() if getattr(options, other)]
    for name, (_, _, info) in known.items():
        if options.sources.get(name) != "flag":
            continue
        flag = flag_of(name, info)
        if info.needs is not None and not _holds(options, info.needs):
            wanted = _typed(known, info.needs)
            raise UsageError(
                marked("{flag} has no effect without {wanted}", flag=flag, wanted=wanted),
                hint=marked("add {wanted}, or leave out {flag}", wanted=wanted, flag=flag),
            )
        against = next((other for other in info.unless if _holds(options, other)), None)
        against = against or next((other for other, weaker in stronger if name in weaker), None)
        if against is not None:
            other = _typed(known, against)
            raise UsageError(
                marked("{flag} has no effect with {other}", flag=flag, other=other),
                hint=marked("leave out {flag} or {other}", flag=flag, other=other),
            )


def _holds(options: Options, condition: str) -> bool:
    """Whether `name` is set to anything, or `name=value` to that value; an option that the command lacks is not."""
    name, equals, value = condition.partition("=")
    held = getattr(options, name, None)
    return str(held) == value if equals else bool(held)


def _typed(known: Mapping[str, tuple[Any, Any, OptionInfo]], condition: str) -> str:
    """A condition as it is typed: `--engine spark`."""
    name, _, value = condition.partition("=")
    return f"{flag_of(name, known[name][2])} {value}".rstrip()
