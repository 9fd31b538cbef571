"""`clv`: builds the command line from the tables and is the boundary that no exception crosses."""

import errno
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from clvcli import __version__
from clvcli.cli.commands import COMMANDS, Command
from clvcli.cli.console import Console
from clvcli.core.deprecated import renamed_flags
from clvcli.core.errors import ClvError, OutputError

UNWRITABLE = {errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
ABOUT = "Turns a transaction log into customers you understand. Start with: clv score DATA.csv"


def main() -> None:
    """Runs the command line of this process and ends it; clvcli/__main__.py calls it."""
    from clvcli.cli.streams import leave, prepare_streams, settle_streams, silence_native_code

    prepare_streams()
    if "-vv" not in sys.argv:
        silence_native_code()
    code = run(sys.argv[1:])
    settle_streams()
    leave(code)


def run(args: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. Prints errors; raises nothing."""
    console = Console.from_arguments(args)
    args, console.pending = renamed_flags(args)
    try:
        result = build(args, console)(args=list(args) or ["--help"], prog_name="clv", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except ClvError as error:
        return console.fail(error)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        return console.refuse(error.format_message(), context.command_path if context else "clv")
    except BrokenPipeError:
        return 141
    except OSError as error:
        if error.errno not in UNWRITABLE:
            return console.bug(error)
        return console.fail(
            OutputError(f"cannot write: {(error.strerror or '').lower()}", "-o FILE, or free some space")
        )
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit as leaving:  # how Typer ends after --version and completion
        return leaving.code if isinstance(leaving.code, int) else 0
    except MemoryError:
        return console.out_of_memory()
    except BaseException as error:  # Polars' PanicException is a BaseException
        return console.bug(error)


def build(args: Sequence[str], console: Console) -> typer.Typer:
    """The Typer app. Only the command that `args` names gets its options: the help of all the others needs none."""
    app = typer.Typer(
        name="clv", rich_markup_mode="rich", help=ABOUT, no_args_is_help=True, pretty_exceptions_enable=False
    )
    app.callback()(_about)
    words = [a for a in args if not a.startswith("-")]
    whole = "_CLV_COMPLETE" in os.environ
    groups: dict[str, typer.Typer] = {}
    for command in COMMANDS:
        parent, _, name = command.name.rpartition(" ")
        if parent and parent not in groups:
            groups[parent] = typer.Typer(help=_GROUPS.get(parent), no_args_is_help=True)
            app.add_typer(groups[parent], name=parent)
        named = words[: len(command.name.split())] == command.name.split()
        function = _function(command, console, with_options=named or whole)
        (groups[parent] if parent else app).command(name, cls=_Lean, help=command.help)(function)
    return app


class _Lean(TyperCommand):
    """A command whose options get their converters when they are typed. Pydantic makes each: 60 are 0.02 s."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for param in self.params:
            if param.callback is None and not param.required:
                setattr(param, "process_value", partial(_of_typed, param, param.process_value))  # noqa: B010


def _of_typed(param: Any, convert: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """The converted value of a parameter; of one that was not typed what a converter would make of nothing."""
    if value is None:
        return () if param.multiple or param.nargs == -1 else None
    return convert(ctx, value)


_GROUPS = {"rules": "The lifecycle rules: shipped presets, and a check of your own."}


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"clv {__version__}\n")
        raise typer.Exit


def _about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """The group itself has no other option."""


def _function(command: Command, console: Console, *, with_options: bool) -> Callable[..., None]:
    """A function with the signature that Typer reads: one parameter an option, None where nothing was typed."""

    def call(**typed: Any) -> None:
        from clvcli.cli.layers import options_of
        from clvcli.cli.memory import check_address_space

        check_address_space()
        options = options_of(command.options, typed, console)
        module, _, function = command.name.partition(" ")
        part = importlib.import_module(f"clvcli.cli.{module}")
        getattr(part, f"run_{function}" if function else "run")(options, console)

    parameters: list[inspect.Parameter] = []
    if with_options:  # the declarations cost more than the rest of the help
        from clvcli.cli.parameters import parameters_of

        parameters = parameters_of(command.options)
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    return call
