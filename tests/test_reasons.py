"""The catalogue of warnings and reasons is the code's: neither knows one that the other lacks."""

import ast
import re
from pathlib import Path

from clvcli.cli import help_texts
from clvcli.core.reasons import ERRORS, FATES, WARNINGS, explained

PACKAGE = Path(__file__).resolve().parents[1] / "clvcli"
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def literals() -> set[str]:
    """Every text literal of the package but those of the catalogue itself, f-strings with their parts."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "reasons.py":
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            found |= {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


def codes_of_notices() -> set[str]:
    """The first argument of every Notice(...) where it is a literal."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
                first, told = node.elts
                named = told.func.id if isinstance(told, ast.Call) and isinstance(told.func, ast.Name) else ""
                if (
                    isinstance(first, ast.Constant)
                    and CODE.fullmatch(str(first.value))
                    and (named in ("marked", "several") or getattr(told, "id", "") == "message")
                ):
                    found.add(str(first.value))
    return found


def codes_of_errors() -> set[str]:
    """What `code=` of every expected error says, where it is a literal."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = (
                    node.func.id
                    if isinstance(node.func, ast.Name)
                    else "super"
                    if "super" in ast.dump(node.func)
                    else ""
                )
                found |= {
                    str(k.value.value)
                    for k in node.keywords
                    if k.arg == "code"
                    and isinstance(k.value, ast.Constant)
                    and (name.endswith("Error") or name == "super")
                }
    return found


BUILT = {  # codes made of parts
    "dominant_customer_records", "dominant_customer_spend", "purchase_model_at_bound", "spend_model_at_bound",
    "purchase_model_insufficient_data", "spend_model_insufficient_data",
}  # fmt: skip


def test_every_warning_of_the_code_is_explained() -> None:
    assert codes_of_notices() <= set(WARNINGS)


def test_every_explained_warning_and_reason_is_one_of_the_code() -> None:
    known = literals()
    assert set(WARNINGS) - BUILT <= known
    assert set(FATES) <= known


def test_every_error_that_has_more_to_say_is_explained_and_every_explanation_used() -> None:
    used = codes_of_errors()
    assert used <= {*ERRORS, *WARNINGS, *help_texts.topics()}
    assert set(ERRORS) <= used


def test_a_code_names_one_thing_and_says_what_to_do() -> None:
    assert not set(ERRORS) & {*WARNINGS, *FATES, *help_texts.topics()}
    assert [code for code in (*WARNINGS, *ERRORS) if not explained(code)[1]] == []


def test_codes_are_words_and_explanations_sentences() -> None:
    for code, text in {**WARNINGS, **ERRORS, **FATES}.items():
        assert CODE.fullmatch(code)
        assert text
        assert not text.endswith(".")
