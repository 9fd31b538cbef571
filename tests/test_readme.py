"""README, topics and reference say what the code does: generated parts are up to date, every command runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import readme
from conftest import KEPT

README = (readme.ROOT / "README.md").read_text(encoding="utf-8")
ELSEWHERE = ("pipx install", "make demo", "clv --install-completion")
"""What needs a clone or a home of its own: tests of their own."""


def test_the_generated_parts_are_up_to_date() -> None:
    assert [str(path.relative_to(readme.ROOT)) for path in readme.stale()] == [], "run: make readme"


def test_the_readme_is_one_page() -> None:
    assert len(README.split()) <= 1500
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (readme.ROOT / link).exists(), link


def own_files(folder: Path) -> None:
    """What the four lines of `Your own file` read, as those shops and programs write it."""
    lines = (readme.ROOT / "sample_data" / "transactions.csv").read_text(encoding="utf-8").splitlines()[1:3000]
    rows = [line.split(",") for line in lines]
    good = [(who, day, float(amount)) for who, day, amount in rows if who and re.fullmatch(r"\d+\.\d\d", amount)]
    good = [row for row in good if re.fullmatch(r"20\d\d-[01]\d-[0-2]\d", row[1])]
    shop = [
        f"#{i},{who}@example.com,paid,{day} 10:00:00 +0100,{amount:.2f},EUR"
        for i, (who, day, amount) in enumerate(good)
    ]
    stripe = [f"ch_{i},{day} 10:00,{amount:.2f},eur,cus_{who},Paid" for i, (who, day, amount) in enumerate(good)]
    retail = [
        f"{i},P{i % 9},{1 + i % 3},{day} 08:26:00,{amount:.2f},{who}" for i, (who, day, amount) in enumerate(good)
    ]
    excel = [f"{who};{day[8:]}.{day[5:7]}.{day[:4]};{amount:.2f}" for who, day, amount in good]
    files = {
        "orders_export.csv": ["Name,Email,Financial Status,Paid at,Total,Currency", *shop],
        "payments.csv": ["id,Created date (UTC),Amount,Currency,Customer ID,Status", *stripe],
        "retail.csv": ["InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID", *retail],
        "from_excel.csv": ["customer;date;amount", *(",".join(line.rsplit(".", 1)) for line in excel)],
    }
    for name, content in files.items():
        (folder / name).write_text("\n".join(content) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_every_command_of_the_readme_runs_in_order(tmp_path: Path) -> None:
    shutil.copytree(readme.ROOT / "sample_data", tmp_path / "sample_data")
    own_files(tmp_path)
    blocks = re.findall(r"```sh\n(.*?)```|<!-- begin: output (.+?) -->", README, re.DOTALL)
    commands = [
        line
        for shell, shown in blocks
        for line in (shell.splitlines() if shell else [f"clv {shown}"])
        if not line.startswith(ELSEWHERE)
    ]
    assert len(commands) > 15
    type_in(commands, tmp_path)


def type_in(lines: list[str], folder: Path) -> None:
    """Runs lines one after the other in one shell, as they are typed; each must succeed."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "clv").write_text(f'#!/bin/sh\nexec {sys.executable} -m clvcli "$@"\n')
    (tools / "clv").chmod(0o755)
    env = {k: v for k, v in os.environ.items() if k in KEPT} | readme.ENVIRONMENT
    del env["CLV_TODAY"]  # a reader types it on any day
    env["PATH"] = f"{tools}{os.pathsep}{env['PATH']}"
    env["PYTHONPATH"] = str(readme.ROOT)
    checked = [
        f"{line}\ncode=$?; [ $code = 0 ] || [ $code = {'141' if '| head' in line else '0'} ] || exit 99"
        for line in lines
    ]
    script = "\n".join(f"echo '+' {shlex.quote(line)} >&2\n{run}" for line, run in zip(lines, checked, strict=True))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr


ELSEWHERE_TOPICS = {"databases", "cluster", "plan", "rules"}
"""What needs servers, and tests/cli/test_topic_recipes.py."""
PREPARED = (
    "clv simulate --customers 400 -o transactions.csv -q",
    *(
        f"clv simulate --customers 400 --table {name} -o {name}.csv -q"
        for name in ("customers", "lines", "spend", "subscriptions")
    ),
    "sed '1s/$/,status/; 2,$s/$/,paid/' transactions.csv > orders.csv; gzip -k orders.csv",
    "clv score transactions.csv --customers customers.csv -o scored.csv -q",
    r"""awk -F, '{ print (NR > 1 ? "5\"\\tdisk" : "note") "\t" $1 "\t" $2 "\t" $3 }' transactions.csv > orders.tsv""",
    r"""awk -F, 'NR > 1 { print $1 "\001" $2 "\001" $3 }' transactions.csv > 000000_0""",
)


def recipes(name: str) -> list[str]:
    """The command lines of a topic, without the remarks behind them; cron says when, not where."""
    text = (readme.HELP / f"{name}.md").read_text(encoding="utf-8")
    found = re.findall(r"^    ((?:clv|zcat|cd) .*)$", text, re.MULTILINE)
    lines = [re.sub(r"\s{2,}#.*$", "", line) for line in found if not line.startswith("clv:")]
    return lines if shutil.which("jq") else [re.sub(r"\| jq .*$", "| cat > /dev/null", line) for line in lines]


TOPICS = [p.stem for p in sorted(readme.HELP.glob("*.md")) if p.stem not in ELSEWHERE_TOPICS and recipes(p.stem)]


@pytest.mark.slow
@pytest.mark.parametrize("name", TOPICS)
def test_every_recipe_of_a_topic_runs_in_order(tmp_path: Path, name: str) -> None:
    lines = recipes(name)
    type_in([*([] if name == "start" else PREPARED), *lines], tmp_path)


def test_recipes_are_found() -> None:
    assert {"start", "pipes", "reading", "models", "settings"} <= set(TOPICS)
