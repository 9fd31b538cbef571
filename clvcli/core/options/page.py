"""Options of the page: title, logo, currency."""

from dataclasses import dataclass

from clvcli.core.options.panels import OUT
from clvcli.core.settings import Options, opt


@dataclass(frozen=True, kw_only=True, repr=False)
class PageOptions(Options):
    """How the page is dressed."""

    title: str | None = opt(None, "Title of the page: a shop's name.", metavar="TEXT", panel=OUT)
    logo: str | None = opt(None, "A small PNG, JPEG or GIF for the page.", metavar="FILE", panel=OUT)
    show_currency: str | None = opt(
        None, "Currency that people see beside amounts: EUR. It converts nothing.", metavar="CODE", panel=OUT
    )
