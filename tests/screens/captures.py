"""What every command shows on a terminal and in a pipe, at four widths, on a small log of its own.

    cd tests
    python -m screens accept [NAME ...]   make the kept captures anew from this checkout
    python -m screens show NAME [WIDTH]   the capture on this terminal, in its colours

One file a command, `kept/NAME.txt`: the screen at each width, ⟦1;31⟧ where a style begins and ⟦0⟧ where it ends.
What a pipe gets is the same without styles; where it is something else, as with Markdown, it follows.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from clvcli.cli.app import run
from clvcli.cli.console import Console

KEPT = Path(__file__).resolve().parent / "kept"
WIDTHS = (60, 80, 100, 160)
ENVIRONMENT = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "CLV_TODAY": "2025-01-02", "HOME": "/nowhere"}
STYLE = re.compile(r"\x1b\[([0-9;]*)m")
LIVE = ("help", "rules check")
"""What asks whether there is a terminal, and is cheap: it runs at each width."""
LINKED = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\")

PREPARED = (
    "simulate --customers 500 -o log.csv",
    "simulate --customers 500 --table lines -o lines.csv",
    "simulate --customers 500 --table customers -o customers.csv",
    "simulate --customers 500 --table spend -o spend.csv",
    "simulate --customers 500 --table subscriptions -o subscriptions.csv",
    "score log.csv --customers customers.csv --as-of 2024-11-30 -o old.csv",
    "score log.csv --customers customers.csv -o new.csv",
    "fit log.csv -o model.json",
    "init shop",
)
COMMANDS = {
    "backtest": "backtest log.csv --folds 1",
    "check": "check log.csv",
    "check-de": "check shop/transactions.csv --lang de",
    "check-lines": 'check lines.csv --amount "quantity * unit_price" --order-id order_id',
    "check-ru": "check shop/transactions.csv --lang ru",
    "clv": "--help",
    "columns": "columns",
    "compare": "compare old.csv new.csv",
    "config": "config --all",
    "crosssell": 'crosssell lines.csv --product product --amount "quantity * unit_price"',
    "crosssell-due": 'crosssell lines.csv --product product --amount "quantity * unit_price" --due',
    "crosssell-together": 'crosssell lines.csv --product product --amount "quantity * unit_price" --together',
    "economics": "economics log.csv",
    "economics-channel": "economics log.csv --customers customers.csv --spend spend.csv --by channel",
    "economics-contracts": "economics subscriptions.csv",
    "errors": "score log.csv --horizn 3m",
    "explain": "explain log.csv C0000002",
    "fit": "fit log.csv -o other.json",
    "help": "help",
    "help-column": "help p_alive",
    "help-search": "help search control group",
    "help-topic": "help reading",
    "help-warning": "help identical_lines",
    "history": "history log.csv --every 6m",
    "init": "init more",
    "plan": "plan new.csv --capacity phone=20 --cost phone=4 -o plan.csv",
    "report": "report new.csv -o page.html",
    "rules-check": "rules check predictive log.csv",
    "rules-list": "rules list",
    "rules-show": "rules show",
    "run": "run --config shop/clv.yaml",
    "score": "score log.csv --customers customers.csv -o scored.csv",
    "score-help": "score --help",
    "score-help-all": "score --help-all",
    "score-previous": "score log.csv --customers customers.csv --previous old.csv -o scored.csv",
    "simulate": "simulate --customers 200 -o drawn.csv",
    "sources-list": "sources list",
    "top": "top new.csv",
}


class Screen(io.StringIO):
    """A stream that is a terminal, or a pipe."""

    encoding = "utf-8"

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def shown(self) -> str:
        """What was written, styles in brackets."""
        marked = STYLE.sub(lambda m: f"⟦{m[1] or 0}⟧", LINKED.sub("", self.getvalue()))
        return re.sub(r" +((?:⟦0⟧)?)$", r"\1", marked, flags=re.MULTILINE)


def folder_of_captures() -> Path:
    """A new folder with a small log and what earlier runs left."""
    folder = Path(tempfile.mkdtemp())
    for line in PREPARED:
        code = _run(f"{line} -q", folder, Screen(terminal=False), 100)
        assert code == 0, line
    return folder


def capture(name: str, folder: Path) -> str:
    """The kept text of one command: every width, and what a pipe gets where it is more than other styles."""
    line = COMMANDS[name]
    found: dict[str, list[str]] = {}
    said = None if line.startswith(LIVE) or "--help" in line else _said(line, folder)
    for width in WIDTHS:
        screens = [Screen(terminal) for terminal in (True, False)]
        for screen in screens:
            if said is None:
                _run(f"{line}{' --no-progress' * line.startswith('rules')}", folder, screen, width)
            else:
                _say(said, screen, width)
        shown, piped = (screen.shown() for screen in screens)
        found.setdefault(shown, []).append(str(width))
        if plain(shown) != piped:
            found.setdefault(piped, []).append(f"{width} piped")
    parts = (f"\n==== {', '.join(widths)} ====\n{text}" for text, widths in found.items())
    return "".join([f"$ clv {line}\n", *parts])


def plain(text: str) -> str:
    """A capture without its styles, and without the blanks that only a terminal shows."""
    return "".join(line.rstrip() + "\n" for line in re.sub(r"⟦[0-9;]*⟧", "", text).splitlines())


def _said(line: str, folder: Path) -> list[tuple[str, Any]]:
    """What a command says, in order: pages, lines on stderr, texts that it writes itself. They know no width."""
    said: list[tuple[str, Any]] = []

    class Direct(Screen):
        def write(self, text: str) -> int:
            said.append(("text", (text,)))
            return len(text)

    shutil.rmtree(folder / "more", ignore_errors=True)
    with contextlib.ExitStack() as stack:
        for method in ("page", "show", "_line", "_gap"):
            note = lambda _, *what, method=method: said.append((method, what))  # noqa: E731
            stack.enter_context(mock.patch.object(Console, method, note))
        _run(line, folder, Direct(terminal=False), 100)
    return said


def _say(said: list[tuple[str, Any]], screen: Screen, width: int) -> None:
    """The same on a screen of that width."""
    with _surroundings(Path(), screen, width):
        console = Console()
        for method, what in said:
            if method == "text":
                screen.write(*what)
            else:
                getattr(console, method)(*what)


def _run(line: str, folder: Path, screen: Screen, width: int) -> int:
    with _surroundings(folder, screen, width):
        return run(shlex.split(line))


@contextlib.contextmanager
def _surroundings(folder: Path, screen: Screen, width: int) -> Iterator[None]:
    """stdout and stderr are the screen, and nothing of the tester's environment is seen."""
    environment = ENVIRONMENT | {"COLUMNS": str(width)}
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(screen),
        contextlib.redirect_stderr(screen),
    ):
        yield
        sys.stdout.flush()
