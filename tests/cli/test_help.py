"""The help: cheap to load, complete, and the same words everywhere."""

import subprocess
import sys

import pytest
from conftest import Clv

from clvcli.cli.commands import COMMANDS
from clvcli.core.settings import declared, flag_name

HEAVY = ("polars", "numpy", "scipy", "sqlglot", "yaml", "altair")


# Typer itself loads pydantic once a command has options: only the help of `clv` can do without.
@pytest.mark.parametrize(
    ("args", "heavy"),
    [(["--help"], (*HEAVY, "pydantic")), (["--version"], (*HEAVY, "pydantic")), (["score", "--help"], HEAVY)],
)
def test_the_help_loads_nothing_heavy(args: list[str], heavy: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom clvcli.cli.app import run\n"
        f"assert run({args!r}) == 0\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_option_stands_in_the_help_of_its_command(clv: Clv, command: object) -> None:
    name, options = command.name, command.options  # type: ignore[attr-defined]
    done = clv(*name.split(), "--help", COLUMNS="200", TERMINAL_WIDTH="200")
    text = done.out.decode()
    assert done.code == 0
    for option, (_, _, info) in declared(options).items():
        long = next((flag.split("/")[0] for flag in info.flags if flag.startswith("--")), flag_name(option))
        assert ((info.metavar or "").rstrip(".") if info.positional else long) in text


def test_version(clv: Clv) -> None:
    from clvcli import __version__

    assert clv("--version").out == f"clv {__version__}\n".encode()


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
