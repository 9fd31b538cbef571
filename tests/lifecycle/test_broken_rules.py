"""A corpus of broken rules files: one clear line with a place, status 4, under a second, no memory."""

import time
import tracemalloc
from pathlib import Path

import pytest
from conftest import GOOD, Clv
from lifecycle.broken_rules import BROKEN, STAGE

from clvcli.core.errors import ConfigError
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.load import load_rules, parse_rules


def test_the_corpus_is_large_enough() -> None:
    assert len(BROKEN) >= 40
    compile_rules(parse_rules(STAGE, "good.yaml"), {})


@pytest.mark.parametrize("case", BROKEN)
def test_one_line_with_a_place(case: str) -> None:
    text, words = BROKEN[case]
    started = time.perf_counter()
    with pytest.raises(ConfigError) as caught:
        compile_rules(parse_rules(text, "rules.yaml"), {})
    message = caught.value.message
    assert message.startswith("rules.yaml:"), message
    assert words in message, message
    assert "\n" not in message
    assert len(message) < 300
    assert caught.value.exit_code == 4
    assert time.perf_counter() - started < 1


def test_no_memory_is_blown_up() -> None:
    tracemalloc.start()
    for text, _ in BROKEN.values():
        with pytest.raises(ConfigError):
            compile_rules(parse_rules(text, "rules.yaml"), {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name, content in (("latin.yaml", b"name: caf\xe9\n"), ("zeros.yaml", bytes(1000))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigError):
            load_rules(str(tmp_path / name))
    for name in (str(tmp_path / "none.yaml"), str(tmp_path), f"{tmp_path}/x\0.yaml", "rfm-lifecicle"):
        with pytest.raises(ConfigError) as caught:
            load_rules(name)
        assert "\n" not in caught.value.message
    assert caught.value.hint == "did you mean rfm-lifecycle?"


@pytest.mark.parametrize("case", ["unknown column", "duplicate key"])
def test_the_command_ends_in_status_4(case: str, clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "rules.yaml").write_text(BROKEN[case][0])
    for args in (("score", "log.csv", "--rules", "rules.yaml"), ("rules", "check", "rules.yaml")):
        done = clv(*args)
        assert done.code == 4
        assert done.err.startswith("clv: rules.yaml:")
        assert done.err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.csv", "rules.yaml"]


@pytest.mark.parametrize(
    ("case", "message", "hint"),
    [
        ("field on a later field", "field x: unknown column y", "a field sees the fields above it: move y up"),
        ("share above one", "share must be less than 1", "clv rules show rfm-lifecycle has an example"),
        ("stage without a condition", "an item of stages lacks the key 'when' (stage 'a')", "when: ..."),
    ],
)
def test_the_words_are_ours_and_the_hint_helps(case: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compile_rules(parse_rules(BROKEN[case][0], "rules.yaml"), {})
    assert caught.value.message.partition(" ")[2] == message
    assert caught.value.hint == hint
