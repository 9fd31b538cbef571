"""What the functions return: plain values, a text for people, and in a notebook the page."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clvcli.core.errors import Notice

if TYPE_CHECKING:
    from typing import Unpack

    import polars as pl
    from rich.console import RenderableType

    from clvcli.api.data import Path as PathLike
    from clvcli.api.keywords import ReportKeywords

FRAME = (
    '<iframe title="clvcli" sandbox srcdoc="{page}" style="width:100%;height:{height}px;border:0;background:#fff">'
    "</iframe>"
)
HEIGHT = 720
"""Pixels of the first screen in a notebook."""


@dataclass(frozen=True, repr=False)
class Result:
    """What a command found. `document`: what it prints with --json, as plain values; `warnings`: code and message."""

    document: Mapping[str, Any]
    warnings: tuple[Notice, ...]
    _page: "Callable[[], RenderableType]" = field(compare=False)

    def summary(self) -> str:
        """The page that the command shows on a terminal, as plain text of at most 100 columns."""
        from clvcli.report.text import as_text

        return as_text(self._page()).rstrip("\n")

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"<clvcli.{type(self).__name__} of {self.document.get('command', 'a log')}>"

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.3">{html.escape(self.summary())}</pre>'


@dataclass(frozen=True, repr=False)
class Table(Result):
    """The same with a table: what the command writes with -o."""

    table: "pl.DataFrame"


@dataclass(frozen=True, repr=False)
class Run:
    """A scored log.

    `table`: a row a customer, by customer_id (`clv help columns`); `manifest`: every figure of the run, as in
    OUTPUT.run.json; `warnings`: code and message; `rejects`: file, line, column, value, reason of each record that
    could not be read.
    """

    table: "pl.DataFrame"
    manifest: Mapping[str, Any]
    warnings: tuple[Notice, ...]
    rejects: "pl.DataFrame"

    def summary(self) -> str:
        """What `clv score` shows, as plain text of at most 100 columns."""
        from clvcli.report.terminal import summary
        from clvcli.report.text import as_text

        return as_text(summary(self.manifest, typed=False)).rstrip("\n")

    def report(self, path: "PathLike | None" = None, **options: "Unpack[ReportKeywords]") -> str:
        """The page as HTML, one file that loads nothing; written to `path` where that is given, the old file or the new
        one. Options as of `clv report`; title, language and logo are those of the run where they are not given."""
        from clvcli.api.page import page_of

        return page_of(self.manifest, path, options)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        found = self.manifest
        return f"<clvcli.Run of {found['customers']:,} customers up to {found['as_of']}: {len(self.warnings)} warnings>"

    def _repr_html_(self) -> str:
        from clvcli.api.page import first_screen

        return FRAME.format(page=html.escape(first_screen(self.manifest)), height=HEIGHT)
