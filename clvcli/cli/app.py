"""`clv`: the command line made of the table of commands, and the boundary that no exception crosses."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from clvcli import __version__
from clvcli.cli.commands import COMMANDS, GROUPS, Command, children
from clvcli.cli.completion import INSTALL, install
from clvcli.cli.console import Console
from clvcli.cli.environment import refuse_unknown_variables, rename_variables
from clvcli.core.deprecated import renamed_command, renamed_flags
from clvcli.core.errors import ClvError, InputError, OutputError, UsageError
from clvcli.core.language import marked
from clvcli.core.marked import several

FEW_FILES = InputError("the limit on open files is too low", hint="ulimit -n 256")
UNWRITABLE = {errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
SETTINGS = {"help_option_names": ["-h", "--help"]}


def main() -> None:
    """Runs the command line of this process and ends it; clvcli/__main__.py calls it."""
    from clvcli.cli.streams import flush_streams, leave, prepare_streams, silence_native_code

    prepare_streams()
    if "-vv" not in sys.argv:
        silence_native_code()
    code = run(sys.argv[1:])
    flush_streams()
    leave(code)


def run(args: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. Prints errors; raises nothing."""
    console = Console.from_arguments(args)
    args, of_command = renamed_command(args)
    args, of_flags = renamed_flags(args)
    console.pending = [*of_command, *of_flags, *rename_variables()]
    try:
        if "_CLV_COMPLETE" in os.environ:
            from clvcli.cli.completion import answer

            return answer(os.environ["_CLV_COMPLETE"])
        app = command_line()
        with app.make_context("clv", list(args), obj=console) as context:
            app.invoke(context)
        sys.stdout.flush()
        return 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except ClvError as error:
        return console.fail(error)
    except typer.TyperException as error:
        from clvcli.cli.params import as_own_error

        return console.fail(as_own_error(error))
    except BrokenPipeError:
        return 141
    except OSError as error:
        return _system_failed(console, error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BaseException as error:  # Polars' PanicException is a BaseException
        from clvcli.cli.memory import is_want_of_memory

        if is_want_of_memory(error):
            return console.out_of_memory()
        return console.fail(FEW_FILES) if "TooManyOpenFiles" in str(error) else console.bug(error)


def _system_failed(console: Console, error: OSError) -> int:
    """What is said of a failure that no part of the run has put into words."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return console.fail(FEW_FILES)
    if error.errno == errno.ENOMEM:
        return console.out_of_memory()
    if error.errno not in UNWRITABLE:
        return console.bug(error)
    return console.fail(
        OutputError(
            marked("cannot write: {value}", value=(error.strerror or "").lower()), "-o FILE, or free some space"
        )
    )


def command_line() -> "Group":
    """All of `clv`."""
    app = typer.Typer(name="clv", cls=Group, context_settings=SETTINGS, add_completion=False)

    @app.callback()
    def clv(
        version: Annotated[bool, typer.Option("-V", "--version", is_eager=True, callback=_show_version)] = False,
        install_completion: Annotated[bool, typer.Option(INSTALL)] = False,  # with its shell: Group
    ) -> None:
        pass

    made = get_command(app)
    assert isinstance(made, Group)
    return made


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"clv {__version__}\n")
        raise typer.Exit


class Group(TyperGroup):
    """A list of commands. Each is made when it is asked for: the list itself needs no options."""

    @property
    def words(self) -> str:
        """What is typed before the names of its commands."""
        return self.name if self.name in GROUPS else ""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(children(self.words))

    def get_command(self, ctx: Any, cmd_name: str) -> "Group | Runner | None":  # noqa: ARG002
        if not self.words and cmd_name in GROUPS:
            return Group(name=cmd_name, context_settings=SETTINGS)
        name = f"{self.words} {cmd_name}".strip()
        return next((Runner(command, cmd_name) for command in COMMANDS if command.name == name), None)

    def get_help_option(self, ctx: Any) -> Any:
        """With a default: without one Typer loads Pydantic to find that it was not typed."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in children(self.words):
            from clvcli.cli.params import unknown

            raise unknown("command", args[0], self.list_commands(ctx), ctx.command_path)
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        flag, _, shell = "".join(args[:1]).partition("=")
        if flag == INSTALL and not self.words:
            sys.stdout.write(install(shell or "".join(args[1:2]) or "auto") + "\n")
            raise typer.Exit
        return super().parse_args(ctx, args or ["--help"])

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        from clvcli.cli.help_page import list_of, screen_width

        formatter.write(list_of(self.words, screen_width()))


class Runner(TyperCommand):
    """One command of the table."""

    def __init__(self, command: Command, name: str) -> None:
        super().__init__(name, context_settings=SETTINGS)
        self.ignore_unknown_options = command.name == "help"  # clv help --horizon
        self.command = command

    def get_params(self, ctx: Any) -> list[Any]:
        if not self.params:
            from clvcli.cli.params import params_of

            self.params = params_of(self.command.options)
        return super().get_params(ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Leaves in `ctx.params` what was typed. Its value is found and checked by params.py: Typer's own types would
        load Pydantic, which takes longer than all else of most commands."""
        ctx.params, ctx.args, _ = self.make_parser(ctx).parse_args(args=args)
        for param in self.get_params(ctx):
            if param.is_eager and param.name in ctx.params:
                param.handle_parse_result(ctx, ctx.params, ctx.args)
        return ctx.args  # type: ignore[no-any-return]

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        from clvcli.cli.help_page import page_of, screen_width

        formatter.write(page_of(self.command, screen_width(), whole=False))

    def invoke(self, ctx: Any) -> None:
        """Raises what the command raises, and UsageError for what its options cannot be."""
        from clvcli.cli.memory import check_address_space
        from clvcli.cli.params import options_of

        console: Console = ctx.obj
        options = options_of(self.command.options, ctx.params, console=console, path=ctx.command_path)
        if ctx.args:
            raise UsageError(
                several(
                    "got unexpected extra argument ({args})",
                    "got unexpected extra arguments ({args})",
                    len(ctx.args),
                    args=" ".join(ctx.args),
                ),
                hint=f"{ctx.command_path} --help",
            )
        check_address_space()
        console.configure(options)
        refuse_unknown_variables()
        module, _, function = self.command.name.partition(" ")
        part = importlib.import_module(f"clvcli.cli.{module}")
        getattr(part, f"run_{function}" if function else "run")(options, console)
