"""Every text for people: calls of a Language in the code, errors and their hints, texts of the default rules, fixed
words of the data.

`python tests/report/messages.py` writes `clvcli/locale/messages.pot`, from which a translator starts.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from clvcli.core.language import spoken
from clvcli.core.reasons import ERRORS, WARNINGS, explained

PACKAGE = Path(__file__).resolve().parents[2] / "clvcli"
TEMPLATE = PACKAGE / "locale" / "messages.pot"
RULES = ("rfm-lifecycle", "value-and-cost")
"""The presets whose texts are translated."""

ERROR_TYPES = (
    "ClvError", "UsageError", "InputError", "ConfigError", "ModelError", "OutputError", "GateError", "SqlError",
    "TooManyRejects",
)  # fmt: skip

PROGRAMMERS = ("api/",)
"""Whose errors are for programmers: in English."""

Message = str | tuple[str, str]


def sources(*, every: bool = False) -> list[Path]:
    """The modules that speak to readers of every language; `every`: those for programmers too."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [file for file in files if every or not str(file.relative_to(PACKAGE)).startswith(PROGRAMMERS)]


def in_code() -> Iterator[Message]:
    """Messages of `t("...")`, `marked("...")`, `t.many("...", "...", n)` and `several("...", "...", n)`."""
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            called_self = isinstance(node.func, ast.Name) and name == "self"
            if name in ("t", "marked") or called_self:
                yield from (
                    text for text in texts[:1] if re.search("[A-Za-z]{2}", re.sub(r"{[^{}]*}|--?[\w-]+", " ", text))
                )
            elif name in ("many", "several") and len(texts) >= 2:
                yield texts[0], texts[1]


def in_errors() -> Iterator[str]:
    """What errors say, and their hints, where they are written as they stand; with values they are `marked`."""
    for _, text in texts_of_errors():
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and spoken(text.value):
            yield text.value


def texts_of_errors() -> Iterator[tuple[str, ast.expr]]:
    """File and line, and text: of every error of ours its message and its hint, each branch of a choice."""
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            hints = [keyword.value for keyword in node.keywords if keyword.arg == "hint"]
            ours = name in ERROR_TYPES or (bool(hints) and name != "t")
            for text in [*(node.args[:2] if ours else []), *hints]:
                yield from ((f"{file.relative_to(PACKAGE)}:{node.lineno}", branch) for branch in branches(text))


def branches(text: ast.expr) -> Iterator[ast.expr]:
    """A text, or each that a choice may take."""
    if isinstance(text, ast.IfExp):
        yield from (*branches(text.body), *branches(text.orelse))
    elif isinstance(text, ast.BoolOp):
        for value in text.values:
            yield from branches(value)
    else:
        yield text


def in_rules() -> Iterator[str]:
    """Names, descriptions, goals, actions and offers of the translated presets."""
    for name in RULES:
        rules = yaml.safe_load((PACKAGE.parent / "configs" / f"{name}.yaml").read_text(encoding="utf-8"))
        yield from rules["phases"]
        yield from rules["phases"].values()
        for stage in [*rules["stages"], rules["otherwise"]]:
            yield from (stage[key] for key in ("stage", "who", "goal") if stage.get(key))
            for action in stage.get("actions") or []:
                yield from (action[key] for key in ("action", "offer") if isinstance(action.get(key), str))


def in_reasons() -> Iterator[str]:
    """What every warning and error says, and what to do."""
    yield from (text for code in WARNINGS | ERRORS for text in explained(code) if text)


@cache
def messages() -> dict[str, Message]:
    """All of them by the text that stands in the code."""
    found: dict[str, Message] = {}
    for message in [*in_code(), *in_errors(), *in_rules(), *in_reasons()]:
        key = message if isinstance(message, str) else message[0]
        if key not in found or isinstance(message, tuple):
            found[key] = message
    return found


def template() -> bytes:
    """The template as a file."""
    from io import BytesIO

    catalog = Catalog(project="clvcli", fuzzy=False)
    for message in messages().values():
        catalog.add(message, flags=["python-brace-format"] if "{" in str(message) else [])
    target = BytesIO()
    write_po(target, catalog, width=120, omit_header=True, sort_output=True)
    return target.getvalue()


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
