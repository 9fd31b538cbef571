"""The topic `plan` tells the evidence for the order as `.github/RANKING.md` has it."""

import re
from statistics import mean

from conftest import ROOT

ORDERS = ("value at stake: clv x (1 - p_alive)", "clv", "spend so far", "recency", "random")


def test_the_topic_tells_the_measured_shares() -> None:
    rows = re.findall(
        r"^\| (.+?) \| (\d+) \| (.+?) \| (\d+)% \| (\d+)% \|$", (ROOT / ".github/RANKING.md").read_text(), re.M
    )
    told = (ROOT / "clvcli" / "help" / "plan.md").read_text()
    for months in ("3", "6", "12"):
        mine = [row for row in rows if row[1] == months]
        logs = len({row[0] for row in mine})
        assert logs >= 4
        shares = []
        for order in ORDERS:
            of_it = [(int(came), int(lost)) for _, _, name, came, lost in mine if name == order]
            came, lost = (mean(values) for values in zip(*of_it, strict=True))
            shares.append(f"{came:.0f} % / {lost:.0f} %")
        assert f"| {months}, came / lost | {logs} | {' | '.join(shares)} |" in told
