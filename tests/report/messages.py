"""Every text for people: calls of a Language in the code, texts of the default rules, fixed words of the data.

`python tests/report/messages.py` writes `clvcli/locale/messages.pot`, from which a translator starts.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from clvcli.core.reasons import ERRORS, WARNINGS, explained

PACKAGE = Path(__file__).resolve().parents[2] / "clvcli"
TEMPLATE = PACKAGE / "locale" / "messages.pot"
RULES = ("rfm-lifecycle", "value-and-cost")
"""The presets whose texts are translated."""

Message = str | tuple[str, str]


def in_code() -> Iterator[Message]:
    """Messages of `t("...")`, `marked("...")` and `t.many("...", "...", n)`."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            called_self = isinstance(node.func, ast.Name) and name == "self"
            if name in ("t", "marked") or called_self:
                yield from texts[:1]
            elif name == "many" and len(texts) == 2:
                yield texts[0], texts[1]


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


def messages() -> dict[str, Message]:
    """All of them by the text that stands in the code."""
    found: dict[str, Message] = {}
    for message in [*in_code(), *in_rules(), *in_reasons()]:
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
