"""The owner of stderr: notes, warnings, errors, progress. Data is printed as text, never as markup."""

import contextlib
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from clvcli import __version__
from clvcli.core.errors import (
    MOST_WARNINGS,
    ClvError,
    InputError,
    Notice,
    OutputError,
    UsageError,
)
from clvcli.core.language import ENGLISH, languages, marked
from clvcli.core.printable import printable
from clvcli.core.progress import METER, Meter
from clvcli.report.screen import Screen, failed, more_warned, warned
from clvcli.report.text import WIDTH

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import ConsoleOptions, RenderableType, RenderResult

LOG_START = b'{"time": "'
"""How every line of a log begins."""
LEADING_OPTION = re.compile(r"--[a-z][a-z-]+(?=[ :])")
"""An error that begins with an option is about it."""
LONGEST_LINE = 4000
"""Characters of a line on the screen: a name or a value of the data may have millions."""


class Console:
    """Speaks on stderr as loudly as the options say."""

    def __init__(self, *, quiet: bool = False, verbose: int = 0, color: str = "auto", progress: bool = True) -> None:
        self.quiet, self.verbose, self.color, self.progress = quiet, verbose, color, progress
        self.log_file: str | None = None
        self.pending: list[Notice] = []
        """What to say once the options have told how loudly."""
        self.t = Screen()
        """The language in which it speaks."""
        self._rich: RichConsole | None = None
        self._doing: _Doing | None = None
        self._paged = False
        """Whether a page stands on the terminal to which messages go too."""

    @classmethod
    def from_arguments(cls, args: Sequence[str]) -> "Console":
        """A console before the options are known: errors of the options themselves speak through it."""
        words = list(args)
        console = cls(quiet="-q" in words or "--quiet" in words, verbose=2 if "-vv" in words else 0)
        typed = [value for flag, value in pairwise([*words, ""]) if flag == "--lang"]
        typed += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
        console.speak(typed[-1] if typed else os.environ.get("CLV_LANG"))
        return console

    def speak(self, code: str | None) -> None:
        """Takes a language; what is none is refused where the options are read."""
        self.t = Screen(code) if code in languages() else self.t

    def configure(self, options: Any) -> None:
        """Takes over what TalkOptions say. Raises UsageError for a log that would be appended to data."""
        if options.log_file is not None:
            _refuse_other_files(options.log_file)
        self.quiet, self.verbose = options.quiet, options.verbose
        self.color, self.progress, self.log_file = options.color, options.progress, options.log_file
        self.speak(options.lang or ENGLISH)
        self._rich = None
        for notice in self.pending:
            self.warn(notice)
        self.pending = []

    @property
    def rich(self) -> "RichConsole":
        """The rich console on stderr; plain when piped, NO_COLOR honoured, 100 columns where there is no terminal."""
        if self._rich is None:
            self._rich = self._screen(sys.stderr)
        return self._rich

    def _screen(self, stream: "TextIO | None") -> "RichConsole":
        """A rich console on `stream`."""
        from rich.console import Console as RichConsole
        from rich.theme import Theme

        terminal = bool(stream and stream.isatty())
        forced = {"always": True, "never": False}.get(self.color)
        width = None if terminal or os.environ.get("COLUMNS") else WIDTH
        plain = self.color == "never" or (self.color == "auto" and not terminal)
        return RichConsole(
            file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False,
            force_terminal=forced, no_color=plain or None, width=width,
            theme=Theme({"markdown.code": "bold cyan"}),
        )  # fmt: skip

    def show(self, renderable: "RenderableType") -> None:
        """A table or a page of the summary, on stderr."""
        if not self.quiet and sys.stderr is not None:
            with contextlib.suppress(OSError):  # a full disk or a reader that left takes the words, not the run
                _print(self.rich, renderable)

    def page(self, renderable: "RenderableType") -> None:
        """A page on stdout: what was asked for."""
        _print(self._screen(sys.stdout), renderable)
        self._paged = bool(sys.stdout and sys.stdout.isatty() and sys.stderr and sys.stderr.isatty())

    def note(self, text: str, *, level: int = 0) -> None:
        """A line that -q silences; `level` 1 needs -v."""
        self.log("note", text)
        if not self.quiet and self.verbose >= level:
            self._line(text)

    def warn(self, notice: Notice) -> None:
        """A warning, and where more of it stands."""
        self.log("warning", notice.message, code=notice.code)
        if not self.quiet:
            self._line(warned(notice.code, notice.message, self.t), "yellow")

    def warnings(self, notices: Sequence[Notice]) -> None:
        """Warnings after the facts: the first few, the rest counted; all of them with -v, and in --log-file."""
        most = len(notices) if self.verbose else MOST_WARNINGS
        if notices and not self.quiet:
            self._gap()
        for notice in notices[:most]:
            self.warn(notice)
        for notice in notices[most:]:
            self.log("warning", notice.message, code=notice.code)
        if len(notices) > most and not self.quiet:
            self._line(more_warned(len(notices) - most, self.t), "yellow")

    def fail(self, error: ClvError) -> int:
        """An expected failure: one line, what to do, and where more of it stands. Returns its exit code."""
        self.log("error", error.message, exit_code=error.exit_code)
        option = LEADING_OPTION.match(error.message)
        entry = error.code or (option[0] if option else None)
        told = failed(error.message, error.hint, error.code, self.t, error.exit_code)
        self._line(f"clv: {told}" + (f" [clv help {entry}]" if entry else ""), "red")
        return error.exit_code

    def out_of_memory(self) -> int:
        """Memory ran out: status 3."""
        hint = marked("split the log by customer, or use --engine spark")
        return self.fail(InputError("not enough memory", hint=hint, code="not_enough_memory"))

    def bug(self, error: BaseException) -> int:
        """An unexpected exception: one line that names no data; the trace needs -vv. Status 1."""
        self.log("bug", type(error).__name__)
        self._line(
            f"clv: a bug in clv {__version__}: {type(error).__name__} (hint: again with -vv shows the trace to report)"
        )
        if self.verbose >= 2:
            self._line("".join(traceback.format_exception(error)))
        return 1

    def log(self, event: str, message: str, **more: object) -> None:
        """One JSON line in --log-file. Ids never go there."""
        if self.log_file is None:
            return
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        record = {"time": moment, "pid": os.getpid(), "event": event, "message": message, **more}
        path, self.log_file = self.log_file, None  # a log that cannot be written must not log its own failure
        try:
            with Path(path).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror}", hint="--log-file names a file that can be written") from None
        self.log_file = path

    @contextlib.contextmanager
    def working(self) -> Iterator["Console"]:
        """Shows the stage of a long run on a terminal while the block runs, and how far it is; `stage` names it."""
        if self.quiet or not self.progress or not (sys.stderr and sys.stderr.isatty()):
            yield self
            return
        self._doing = _Doing("starting")
        token = METER.set(self._doing.meter)
        try:
            with self.rich.status(self._doing):
                yield self
        finally:
            METER.reset(token)
            self._doing = None

    def stage(self, text: str) -> None:
        """Names the stage of the run."""
        self.log("stage", text)
        if self._doing is not None:
            self._doing.begin(text)
        elif self.verbose >= 2 and not self.quiet:
            self._line(text)

    def _gap(self) -> None:
        """An empty line between the page and the messages, where one screen shows both."""
        if self._paged:
            self._line("")

    def _line(self, text: str, style: str = "") -> None:
        """A line on stderr: whole in a pipe, wrapped between words and in colour on a terminal."""
        if sys.stderr is None:
            return
        with contextlib.suppress(OSError, ValueError):
            stream = sys.stderr
            clean = "\n".join(map(_bounded, printable(text).split("\n")))
            if stream.isatty():
                with contextlib.suppress(ImportError, MemoryError):
                    from rich.text import Text

                    self.rich.print(Text(clean, style=style, overflow="fold"))
                    return
            encoding = stream.encoding or "utf-8"
            stream.write(clean.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            stream.flush()


def _bounded(line: str) -> str:
    """A line without its middle where it is too long: what is the matter, and the end of the hint, stay."""
    half = LONGEST_LINE // 2
    return line if len(line) <= LONGEST_LINE else f"{line[:half]} ... {line[-half:]}"


def _print(screen: "RichConsole", renderable: "RenderableType") -> None:
    """Prints; without the blanks that fill up tables where no terminal shows them."""
    from clvcli.report.text import Printable, text_on

    if screen.is_terminal:
        screen.print(Printable(renderable))
        return
    text = text_on(screen, renderable)
    screen.file.write(text.encode(screen.encoding, "backslashreplace").decode(screen.encoding))
    screen.file.flush()


class _Doing:
    """The stage of a run and how far it is, looked at anew whenever the screen draws it."""

    def __init__(self, stage: str) -> None:
        self.stage, self.meter = stage, Meter()

    def begin(self, stage: str) -> None:
        """The next stage."""
        self.meter.clear()
        self.stage = stage

    def __rich_console__(self, console: "RichConsole", options: "ConsoleOptions") -> "RenderResult":
        from rich.text import Text

        told = self.meter.text()
        yield Text(printable(f"{self.stage}: {told}" if told else self.stage), no_wrap=True, overflow="ellipsis")


def _refuse_other_files(path: str) -> None:
    """Raises UsageError when the log would be appended to data: to a file that does not begin as a log does."""
    start = b""
    with contextlib.suppress(OSError, ValueError):  # the first line that is logged says what is wrong
        if os.path.isfile(path):
            with Path(path).open("rb") as stream:
                start = stream.read(len(LOG_START))
    if start and start != LOG_START:
        raise UsageError(
            marked("{place}: is no log of earlier runs", place=path), hint="--log-file names a new file, or such a log"
        )
