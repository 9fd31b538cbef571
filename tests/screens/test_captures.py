"""Every command on a terminal and in a pipe, at 60, 80, 100 and 160 columns, is what was looked at and kept.

An intended change: `cd tests; python -m screens accept NAME`, and look at what git shows of kept/NAME.txt.
"""

import re
from pathlib import Path

import pytest
from screens import captures

from clvcli.cli.commands import COMMANDS

WHOLE = ("score-help", "rules-check")
"""Lines that are copied, or that programs read: they are wrapped by nobody."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return captures.folder_of_captures()


@pytest.mark.slow
@pytest.mark.parametrize("name", captures.COMMANDS)
def test_a_command_shows_what_is_kept(name: str, folder: Path) -> None:
    kept = (captures.KEPT / f"{name}.txt").read_text(encoding="utf-8")
    assert captures.capture(name, folder) == kept, f"intended? cd tests; python -m screens accept {name}"


def test_every_command_is_kept_and_no_other() -> None:
    assert {path.stem for path in captures.KEPT.glob("*.txt")} == set(captures.COMMANDS)
    lines = [*captures.COMMANDS.values()]
    silent = {"rules schema", "sources show"}  # a file as it stands
    assert [
        c.name for c in COMMANDS if c.name not in silent and not any(f"{x} ".startswith(f"{c.name} ") for x in lines)
    ] == []


def screens(name: str) -> list[tuple[list[int], str]]:
    """Widths and text of what the terminal shows, without styles."""
    text = (captures.KEPT / f"{name}.txt").read_text(encoding="utf-8")
    found = []
    for part in re.split(r"\n(?===== )", text)[1:]:
        head, _, body = part.partition("\n")
        widths = [int(words[0]) for word in head.strip("= ").split(", ") if len(words := word.split()) == 1]
        found.append((widths, captures.plain(body)))
    return found


@pytest.mark.parametrize("name", captures.COMMANDS)
def test_no_kept_screen_is_ugly(name: str) -> None:
    """No line too wide, no name or number cut, no two empty lines, no bug, no exponent, no wrong plural."""
    for widths, text in screens(name):
        if widths and name not in WHOLE:
            assert [line for line in text.splitlines() if len(line) > min(widths)] == []
        assert "…" not in text
        assert name.startswith("help") or "\n\n\n" not in text  # Markdown puts air around code
        assert "a bug in" not in text
        assert re.findall(r"\d[eE][+-]\d\d", text) == []
        assert re.findall(r"\b1 (customers|records|purchases|days|warnings|contacts|files|have)\b", text) == []
