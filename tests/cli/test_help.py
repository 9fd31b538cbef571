"""The help: cheap to load, complete, and the same words everywhere."""

import subprocess
import sys

import pytest
from conftest import Clv

from clvcli.cli.commands import COMMANDS, Command
from clvcli.core.settings import declared, flag_of

HEAVY = ("polars", "numpy", "scipy", "sqlglot", "yaml", "pydantic", "rich", "click")


@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["score", "--help"], ["score", "--help-all"], ["help"], ["config"]]
)
def test_the_help_loads_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\nfrom clvcli.cli.app import run\n"
        f"assert run({args!r}) == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_option_stands_in_the_whole_help_of_its_command(clv: Clv, command: Command) -> None:
    done = clv(*command.name.split(), "--help-all", COLUMNS="120")
    text = done.out.decode()
    assert done.code == 0
    assert [n for n, (_, _, info) in declared(command.options).items() if flag_of(n, info) not in text] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_the_short_help_is_one_screen_with_the_common_options(clv: Clv, command: Command) -> None:
    known = declared(command.options)
    done = clv(*command.name.split(), "-h", COLUMNS="100")
    text = done.out.decode()
    assert done.code == 0
    assert set(command.common) <= set(known)
    assert [n for n in command.common if flag_of(n, known[n][2]) not in text] == []
    assert len(text.splitlines()) <= 44
    assert max(map(len, text.splitlines())) <= 100
    assert done.out == clv(*command.name.split(), "--help", COLUMNS="100").out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize(("width", "most"), [(60, 40), (80, 30)])
def test_the_short_help_fits_a_small_terminal(clv: Clv, command: Command, width: int, most: int) -> None:
    lines = clv(*command.name.split(), "-h", COLUMNS=str(width)).page.splitlines()
    assert sum(-(-len(line) // width) or 1 for line in lines) <= most
    assert [line for line in lines if len(line) > width - 2 and not line.startswith("  clv ")] == []


def test_version(clv: Clv) -> None:
    from clvcli import __version__

    assert clv("--version").out == clv("-V").out == f"clv {__version__}\n".encode()


def test_nothing_typed_shows_the_help(clv: Clv) -> None:
    done = clv()
    assert done.code == 0
    assert b"score" in done.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["scoer", "x.csv"], "score"),
        (["score", "x.csv", "--horizn", "1m"], "--horizon"),
        (["score"], "DATA"),
        (["score", "x.csv", "--horizon", "soon"], "span like"),
        (["score", "x.csv", "--returns", "keeps"], "keep"),
    ],
)
def test_a_wrong_command_line_is_one_line_with_a_suggestion_and_status_2(clv: Clv, args: list[str], words: str) -> None:
    done = clv(*args)
    assert done.code == 2
    assert done.out == b""
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
