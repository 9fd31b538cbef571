"""`clv`: the command line made of the table of commands, and the boundary that no exception crosses."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from clvcli import __version__
from clvcli.cli.commands import COMMANDS, GROUPS, Command
from clvcli.cli.completion import option
from clvcli.cli.console import Console
from clvcli.cli.environment import refuse_unknown_variables, rename_variables
from clvcli.core.deprecated import renamed_command, renamed_flags
from clvcli.core.errors import ClvError, InputError, OutputError

FEW_FILES = InputError("the limit on open files is too low", hint="ulimit -n 256")
UNWRITABLE = {errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
ABOUT = "Turns a transaction log into customers you understand. Start with: clv score DATA.csv"
SETTINGS = {"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CLV", "max_content_width": 100}


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
    args, of_command = renamed_command(args)
    args, of_flags = renamed_flags(args)
    console.pending = [*of_command, *of_flags, *rename_variables()]
    try:
        app = command_line()
        if "_CLV_COMPLETE" in os.environ:
            from click.shell_completion import shell_complete

            return shell_complete(app, {}, "clv", "_CLV_COMPLETE", os.environ["_CLV_COMPLETE"])
        with app.make_context("clv", list(args) or ["--help"], obj=console) as context:
            app.invoke(context)
        sys.stdout.flush()
        return 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except ClvError as error:
        return console.fail(error)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return 0
    except click.UsageError as error:
        from clvcli.cli.params import as_own_error

        return console.fail(as_own_error(error))
    except BrokenPipeError:
        return 141
    except OSError as error:
        return _system_failed(console, error)
    except (KeyboardInterrupt, click.Abort):
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
    return console.fail(OutputError(f"cannot write: {(error.strerror or '').lower()}", "-o FILE, or free some space"))


def command_line() -> click.Group:
    """All commands. Each makes its options when it is asked for them: the list of commands needs none."""
    app = Group("clv", help=ABOUT, params=[_version_option(), option()], context_settings=SETTINGS)
    for command in COMMANDS:
        parent, _, name = command.name.rpartition(" ")
        if parent and parent not in app.commands:
            app.add_command(Group(parent, help=GROUPS[parent], context_settings=SETTINGS))
        group = app.commands[parent] if parent else app
        assert isinstance(group, click.Group)
        group.add_command(Runner(command, name))
    return app


class Group(click.Group):
    """A list of commands, shown by the parts of the work that they serve."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from clvcli.cli.help_page import write_commands

        write_commands(self, ctx, formatter)


class Runner(click.Command):
    """One command of the table."""

    def __init__(self, command: Command, name: str) -> None:
        super().__init__(name, help=command.help, context_settings=SETTINGS)
        self.ignore_unknown_options = command.name == "help"  # clv help --horizon
        self.command = command

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        if not self.params:
            from clvcli.cli.params import params_of

            self.params = [*params_of(self.command.options), _help_all_option()]
        return super().get_params(ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from clvcli.cli.help_page import write_help

        write_help(self.command, self.get_params(ctx), ctx, formatter, whole=False)

    def invoke(self, ctx: click.Context) -> None:
        """Raises what the command raises, and UsageError for what its options cannot be."""
        from clvcli.cli.config_file import NOTICES
        from clvcli.cli.memory import check_address_space
        from clvcli.cli.params import options_of

        check_address_space()
        console: Console = ctx.obj
        options = options_of(self.command.options, ctx)
        console.pending += ctx.meta.get(NOTICES, ())
        console.configure(options)
        refuse_unknown_variables()
        module, _, function = self.command.name.partition(" ")
        part = importlib.import_module(f"clvcli.cli.{module}")
        getattr(part, f"run_{function}" if function else "run")(options, console)


def _version_option() -> click.Option:
    def show(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            sys.stdout.write(f"clv {__version__}\n")
            ctx.exit()

    return click.Option(
        ["-V", "--version"], is_flag=True, expose_value=False, is_eager=True, callback=show, help="Print the version."
    )


def _help_all_option() -> click.Option:
    def show(ctx: click.Context, _param: click.Parameter, wanted: Any) -> None:
        if wanted and not ctx.resilient_parsing:
            from clvcli.cli.help_page import write_help

            assert isinstance(ctx.command, Runner)
            formatter = ctx.make_formatter()
            write_help(ctx.command.command, ctx.command.params, ctx, formatter, whole=True)
            sys.stdout.write(formatter.getvalue())
            ctx.exit()

    return click.Option(
        ["--help-all"], is_flag=True, expose_value=False, is_eager=True, callback=show, help="Show every option."
    )
