"""A count of one stands beside a word of one: logs of one customer, one record, one contract, through every command."""

import re
from pathlib import Path

import pytest
from conftest import Clv

FILES = {
    "one.csv": "customer_id,date,amount,product\n1,2024-01-02,5,tea\n",
    "few.csv": "customer_id,date,amount,product\n1,2024-01-02,5,tea\n1,2024-01-02,5,tea\n1,2024-03-03,6,tea\n"
    "2,2024-01-09,7,tea\n,2024-01-09,7,tea\n3,2024-01-09,0,tea\n",
    "bad.csv": "customer_id,date,amount,product\n1,2024-01-02,5,tea\n1,2024-05-02,x,tea\n2,2024-05-03,5,tea\n"
    "2,2024-05-03,-5,tea\n2,2024-06-03,5,milk\n",
    "contract.csv": "customer_id,start,end,amount\n1,2024-01-02,2024-06-01,50\n",
    "contracts.csv": "customer_id,start,end,amount\n1,2024-01-02,2024-06-01,50\n2,2024-02-02,,50\n",
    "people.csv": "customer_id,name,channel\n1,Ann,web\n9,Bob,web\n",
    "spend.csv": "month,channel,spend\n2024-01,web,10\n",
}
OF_A_LOG = (
    "check {log}.csv",
    "score {log}.csv -o {log}.old.csv -v",
    "score {log}.csv -o {log}.new.csv --as-of 2024-07-01 --customers people.csv --duplicates drop"
    " --previous {log}.old.csv --report {log}.html -v",
    "fit {log}.csv",
    "explain {log}.csv 1",
    "top {log}.old.csv",
    "plan {log}.new.csv --start 2024-07-01 --cap 1/1d",
    "economics {log}.csv --customers people.csv --spend spend.csv --by channel",
    "crosssell {log}.csv --product product",
    "crosssell {log}.csv --product product --together",
    "history {log}.csv --every 1m",
    "compare {log}.old.csv {log}.new.csv --allow-different",
)
OTHERS = (
    "economics contract.csv",
    "check contract.csv",
    "economics contracts.csv",
    "simulate --customers 1 -o drawn.csv",
)
WORDS = (
    "amounts|baskets|calls|cohorts|columns|contacts|contracts|customers|days|departures|errors|files|groups|"
    "leads|lines|months|orders|pairs|periods|products|purchases|records|returns|rows|stages|steps|values|warnings|weeks|"
    "were|years"
)
MANY = re.compile(rf"(?<![\w.,:+=-])(?<![=<>] )1 (?:\w+ )?(?:{WORDS})\b")


def sentences(text: str) -> str:
    """The words of a screen or a page."""
    return " ".join(re.sub(r"<style.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL).split())


@pytest.mark.parametrize("log", ["one", "few", "bad"])
def test_one_is_no_plural(clv: Clv, tmp_path: Path, log: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    lines = [line.format(log=log) for line in OF_A_LOG]
    for line in [*lines, *(OTHERS if log == "one" else ())]:
        reads_log = f"{log}.csv" in line.split()
        done = clv(*line.split(), *(["--max-rejects", "100%"] if reads_log else []))
        assert "Traceback" not in done.err
        assert MANY.findall(sentences(f"{done.page} {done.err}")) == [], line
    assert MANY.findall(sentences((tmp_path / f"{log}.html").read_text())) == []
