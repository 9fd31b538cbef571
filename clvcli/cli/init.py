"""`clv init`: a folder to start from."""

import sys
from pathlib import Path

from clvcli.cli.console import Console
from clvcli.core.errors import OutputError
from clvcli.core.language import marked
from clvcli.core.options import InitOptions
from clvcli.core.resources import shipped

CONFIG = """\
# Options of clv for this folder. A flag typed and a CLV_* variable win over what stands here.
# Every option of `clv score --help` may stand here, without its dashes.
data: transactions.csv
rules: rules.yaml
horizon: 12m
margin: 1          # profit per unit of spend: 0.3 is 30 %

run:               # the nightly job of `clv run`; status 7 when a gate does not hold
  folder: nightly  # a folder a day inside
  steps: [check, score, compare, plan, report]
  gates:
    max_rejects: 1%
    max_age: false  # the sample ends in 2024; for your own log 7d: an older newest record stops the plan
    drift: 20%      # the mean expected purchases and clv of a customer, against the last good night
    stage_jump: 10% # the share of any stage
"""


def run(options: InitOptions, console: Console) -> None:
    """Writes clv.yaml, rules.yaml and transactions.csv. Raises OutputError rather than replace a file."""
    folder = Path(options.folder)
    contents = {
        "clv.yaml": CONFIG.encode(),
        "rules.yaml": (shipped("configs") / "rfm-lifecycle.yaml").read_bytes(),
        "transactions.csv": (shipped("sample_data") / "transactions.csv").read_bytes(),
    }
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise OutputError(marked("{place}: already exists", place=folder / there[0]), hint="clv init NEWFOLDER")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            with (folder / name).open("xb") as stream:
                stream.write(content)
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: {error.strerror}", hint="clv init NEWFOLDER") from None
    if not options.quiet:
        sys.stdout.write("".join(f"wrote {folder / name}\n" for name in contents))
    go = "" if options.folder == "." else f"cd {options.folder} && "
    console.note(f"next: {go}clv score transactions.csv")
