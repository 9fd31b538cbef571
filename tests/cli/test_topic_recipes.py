"""The recipes of the topics on acting: each command runs as it stands, each rules file loads."""

import re
import shlex
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT, Clv

from clvcli.cli.help_texts import topic
from clvcli.commands.nightly.section import read_section
from clvcli.core.strict_yaml import load
from clvcli.lifecycle.load import parse_rules

SAMPLE = ROOT / "sample_data"


def blocks(name: str) -> list[str]:
    """The indented blocks of a topic."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", topic(name) or "", re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") for block in found]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample log with a control group, scored on two days."""
    from clvcli.core.options import ScoreOptions
    from clvcli.scoring.job import score

    folder = tmp_path_factory.mktemp("recipes")
    for name in ("transactions.csv", "customers.csv"):
        (folder / name).write_bytes((SAMPLE / name).read_bytes())
    preset = (ROOT / "configs" / "rfm-lifecycle.yaml").read_text()
    (folder / "mine.yaml").write_text(preset + "\ncontrol_group: {share: 0.1, salt: recipes}\n")
    for day, name in (("2024-09-30", "scored.csv"), ("2024-12-31", "later.csv")):
        score(ScoreOptions(
            data=(str(folder / "transactions.csv"),), customers=str(folder / "customers.csv"), as_of=day,
            rules=str(folder / "mine.yaml"), output=str(folder / name),
        ))  # fmt: skip
    return folder


def commands(name: str) -> list[str]:
    lines = [line for block in blocks(name) for line in block.splitlines()]
    return [line.split("  #")[0] for line in lines if line.startswith("clv ")]


def test_the_recipes_of_the_topic_plan(shop: Path, clv: Clv) -> None:
    """In their order, in one process: the last one reads what the calendar before it wrote."""
    lines = commands("plan")
    assert len(lines) == 4
    for line in lines:
        done = clv(*shlex.split(line)[1:], cwd=shop)
        assert done.code == 0, f"{line}: {done.err}"


def test_the_recipes_of_the_topic_contracts(tmp_path: Path, clv: Clv) -> None:
    (tmp_path / "subscriptions.csv").write_bytes((SAMPLE / "subscriptions.csv").read_bytes())
    for line in commands("contracts"):
        done = clv(*shlex.split(line)[1:], cwd=tmp_path)
        assert done.code == 0, f"{line}: {done.err}"
    told = topic("contracts") or ""
    for name in (tmp_path / "contracts.csv").read_text().split("\n", 1)[0].split(","):
        assert f"`{name}`" in told
    assert "churned_mrr" in (tmp_path / "mrr.csv").read_text().split("\n", 1)[0]


@pytest.mark.parametrize("line", [line for line in commands("rules") if " > " not in line])
def test_the_recipes_of_the_topic_rules(shop: Path, clv: Clv, line: str) -> None:
    done = clv(*shlex.split(line)[1:], cwd=shop)
    assert done.code == 0, done.err


def test_the_files_of_the_topics_load() -> None:
    rules = [block for block in blocks("rules") if "stages:" in block]
    assert len(rules) == 2
    for block in rules:
        extra = "abandoned_cart: {type: boolean}, " if "abandoned_cart" in block else ""
        assert parse_rules(block.replace("attributes: {", "attributes: {" + extra), "topic.yaml").stages
    (section,) = [block for block in blocks("run") if block.startswith("run:")]
    document = load(section, "topic.yaml")
    assert isinstance(document.value, dict)
    found = read_section(document.value["run"], document.where)
    assert (found.folder, found.format, found.gates.drift) == ("nightly", "csv", 0.2)
