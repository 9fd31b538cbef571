"""How a page is dressed: language and currency, title, logo."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clvcli.core.currency import currency_of
from clvcli.core.errors import InputError
from clvcli.core.language import ENGLISH, Language, marked
from clvcli.core.options.page import PageOptions
from clvcli.report.numbers import shown
from clvcli.report.page import argument

MOST_BYTES = 200_000
SIGNS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


@dataclass(frozen=True)
class Edition:
    """`logo`: an image as a data address, to stand before the title."""

    t: Language = field(default_factory=Language)
    title: str | None = None
    logo: str | None = None


def edition_of(options: PageOptions, manifest: Mapping[str, Any]) -> Edition:
    """What the options say, else what the run of the manifest was asked for. Raises InputError for a bad logo."""
    names = ("lang", "title", "logo")
    said = {name: getattr(options, name) or argument(manifest, name) for name in names}
    language = Language(str(said["lang"] or ENGLISH), currency_of(manifest, options.show_currency))
    return Edition(language, shown(said["title"], 120) or None, logo_of(str(said["logo"])) if said["logo"] else None)


def logo_of(path: str) -> str:
    """The image as a data address. Raises InputError for what is no small PNG, JPEG or GIF."""
    hint = marked("--logo takes a PNG, JPEG or GIF of at most {most_bytes} kB", most_bytes=MOST_BYTES // 1000)
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint=hint) from None
    kind = next((kind for sign, kind in SIGNS.items() if content.startswith(sign)), None)
    if kind is None or len(content) > MOST_BYTES:
        raise InputError(
            marked("{place}: is too large", place=path) if kind else marked("{place}: is no image", place=path),
            hint=hint,
        )
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
