"""The manual page clvcli/help/clv.1, made of the same texts as `clv help`: tests/readme.py keeps it up to date."""

import re
from collections.abc import Iterator

from clvcli import __version__
from clvcli.cli import help_texts
from clvcli.cli.commands import COMMANDS
from clvcli.cli.help_page import ABOUT

FIRST = ("start", "reading", "sources", "money", "stages", "models", "rules")


def manual() -> str:
    """The whole page, in the man macros."""
    lines = [
        f'.TH CLV 1 "" "clv {__version__}" "User Commands"',
        ".SH NAME", r"clv \- a transaction log to customers you understand",
        ".SH SYNOPSIS", r"\fBclv\fP \fICOMMAND\fP [\fIDATA\fP...] [\fIOPTIONS\fP]",
        ".SH DESCRIPTION", text(ABOUT),
        ".SH COMMANDS", *commands(),
        ".SH OPTIONS", text("`clv COMMAND -h` shows a command on one screen, `--help-all` every option of it."),
    ]  # fmt: skip
    names = [*FIRST, *(name for name in help_texts.topics() if name not in FIRST)]
    for name in names:
        lines += converted(help_texts.topic(name) or "")
    return "\n".join(line for line in lines if line) + "\n"


def commands() -> Iterator[str]:
    """Every command with what it does and its examples, by group."""
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            yield f".SS {group}"
        yield f".TP\n\\fBclv {escaped(command.name)}\\fP"
        yield text(command.help)
        if command.examples:
            examples = [escaped(line) for line, _ in command.examples]
            yield "\n".join([".RS", ".nf", *examples, ".fi", ".RE"])


def converted(markdown: str) -> Iterator[str]:
    """A topic: headings, paragraphs, lists, tables and code; no more of Markdown is used there."""
    for part in re.split(r"\n[ \t]*\n", fenced_as_indented(markdown)):
        lines = [line for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        if lines[0].startswith("#"):
            level, _, title = lines[0].partition(" ")
            yield f'.SH "{escaped(title.upper())}"' if level == "#" else f'.SS "{escaped(title)}"'
            lines = lines[1:]
        yield from block(lines)


def block(lines: list[str]) -> Iterator[str]:
    """One paragraph, list, table or piece of code."""
    if not lines:
        return
    if all(line.startswith("    ") for line in lines):
        yield "\n".join([".PP", ".RS 4", ".nf", *(escaped(line[4:]) for line in lines), ".fi", ".RE"])
    elif lines[0].startswith("|"):
        for row in lines[2:]:
            first, *rest = (cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|")))
            yield f".TP\n{text(first)}\n{text('; '.join(cell for cell in rest if cell) or '-')}"
    elif lines[0].startswith(("- ", "1. ")):
        for item in re.split(r"\n(?=(?:- |\d+\. ))", "\n".join(lines)):
            yield ".IP \\(bu 2\n" + text(re.sub(r"^(- |\d+\. )", "", item))
    else:
        yield ".PP\n" + text("\n".join(lines))


def fenced_as_indented(markdown: str) -> str:
    """Code between fences, indented by four blanks as other code is."""

    def indent(match: re.Match[str]) -> str:
        return "\n" + "".join(f"    {line}\n" for line in match[1].splitlines())

    return re.sub(r"^```\w*\n(.*?)^```\n", indent, markdown, flags=re.MULTILINE | re.DOTALL)


def text(markdown: str) -> str:
    """A paragraph with its inline marks as fonts, in one line."""
    words = " ".join(markdown.split())
    found, code = [], False
    for piece in words.split("`"):
        if code:
            found.append(f"\\fB{escaped(piece)}\\fP")
        else:
            plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", escaped(piece))
            plain = re.sub(r"\*\*(.+?)\*\*", r"\\fB\1\\fP", plain)
            found.append(re.sub(r"(?<!\w)\*(\S[^*]*?)\*(?!\w)", r"\\fI\1\\fP", plain))
        code = not code
    joined = "".join(found)
    return f"\\&{joined}" if joined.startswith((".", "'")) else joined


def escaped(plain: str) -> str:
    """Text in which roff sees no requests: backslashes, hyphens and dots at the beginning are text."""
    safe = plain.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
