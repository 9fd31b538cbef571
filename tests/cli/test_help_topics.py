"""`clv help` finds whatever exists by its name: the catalogues are walked."""

import re

import pytest
from conftest import Clv

from clvcli.cli import help_texts
from clvcli.cli.commands import COMMANDS
from clvcli.core.fields import FIELDS
from clvcli.core.reasons import ERRORS, FATES, WARNINGS, explained
from clvcli.core.settings import declared, flag_of
from clvcli.lifecycle.load import load_rules, presets

TOPICS = {
    "install", "start", "reading", "sources", "models", "money", "rules", "stages", "columns", "warnings", "plan",
    "run", "settings", "pipes", "python", "databases", "cluster", "limits", "exit-codes", "privacy", "contracts",
}  # fmt: skip


def test_every_topic_is_there_and_begins_with_one_sentence_of_what_it_is() -> None:
    assert set(help_texts.topics()) >= TOPICS
    for name in help_texts.topics():
        title, empty, first = (help_texts.topic(name) or "").splitlines()[:3]
        assert title.startswith("# ")
        assert empty == ""
        assert first
        assert "<!--" not in (help_texts.topic(name) or "")


def test_everything_of_the_catalogues_is_found() -> None:
    known = help_texts.catalogue()
    for code in (*WARNINGS, *ERRORS):
        assert explained(code)[0] in known[code]
    for code, fate in FATES.items():
        assert fate in known[code]
    for field in FIELDS:
        assert field.meaning in known[field.name]
    for code in ("0", "1", "2", "3", "4", "5", "6", "7", "130", "143", "141"):
        assert known[code]
    for command in COMMANDS:
        assert command.help in (help_texts.entry(command.name) or "")
        for name, (_, _, info) in declared(command.options).items():
            if not info.positional:
                assert info.help in known[flag_of(name, info)]
                assert f"CLV_{name.upper()}" in known[flag_of(name, info).removeprefix("--")]


def test_presets_and_their_stages_are_found() -> None:
    for preset in presets():
        rules = load_rules(preset)
        assert rules.description.strip() in (help_texts.entry(preset) or "")
    seen: set[str] = set()
    for preset in presets():
        for name in {stage.stage for stage in load_rules(preset).every_stage} - seen:
            text = help_texts.entry(name) or ""
            assert f"in `{preset}`" in text or name in help_texts.topics(), name
            seen |= set(re.findall(r"^# Stage (.+)$", text, re.MULTILINE))
    assert len({stage.stage for preset in presets() for stage in load_rules(preset).stages}) > 60


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), "clv help reading"),
        (("reading",), "# Reading a log"),
        (("score",), "# clv score"),
        (("rules", "check"), "# clv rules check"),
        (("p_alive",), "# Column p_alive"),
        (("identical_lines",), "What to do: --duplicates drop"),
        (("--horizon",), "CLV_HORIZON"),
        (("3",), "# Exit code 3"),
        (("search", "control", "group"), "clv help"),
        (("man",), ".SH NAME"),
        (("ambiguous",), None),
        (("dates_two_ways",), "# Error dates_two_ways"),
        (("nosuchword",), None),
        (("search", "nosuchword"), None),
    ],
)  # fmt: skip
def test_help_on_stdout_or_one_line_of_refusal(clv: Clv, words: tuple[str, ...], found: str | None) -> None:
    done = clv("help", *words)
    if found is None:
        assert (done.code, done.out) == (2, b"")
        assert "hint: clv help" in done.err
        assert len(done.err.splitlines()) == 1
    else:
        assert (done.code, done.err) == (0, "")
        assert found in done.page
        assert words == ("man",) or max(map(len, done.page.splitlines())) < 320
