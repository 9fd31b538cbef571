"""Every file of the corpus has the outcome that its case states, through the library."""

from datetime import date
from pathlib import Path

import pytest
from corpus.build import Case
from corpus.make import CASES, slug, write

from clvcli.core.errors import ClvError
from clvcli.core.options import LogOptions
from clvcli.log.read import read_log

RUN_DAY = date(2026, 11, 22)


def test_there_are_more_than_a_hundred_cases() -> None:
    assert len(CASES) > 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=slug)
def test_outcome(case: Case, tmp_path: Path) -> None:
    options = LogOptions(data=tuple(str(p) for p in write(case, tmp_path)), **case.args)  # type: ignore[arg-type]
    if case.refused:
        with pytest.raises(ClvError, match=case.refused) as caught:
            read_log(options, RUN_DAY)
        assert caught.value.exit_code == case.exit
        assert "\n" not in caught.value.message
        assert caught.value.hint
        assert case.hint.replace("\\", "") in caught.value.hint
        return
    log = read_log(options, RUN_DAY)
    q = log.quality
    assert q.is_complete()
    assert (q.read, q.used, q.duplicates) == (case.read, case.used, case.duplicates)
    assert (dict(q.rejected), dict(q.excluded)) == (dict(case.rejected), dict(case.excluded))
    assert {n.code for n in q.notices} == case.warnings, q.notices
    assert log.rejects.height == sum(case.rejected.values())
    if case.lines is not None:
        assert tuple(log.rejects["line"]) == case.lines
    if case.customers is not None:
        assert log.purchases["customer_id"].n_unique() == case.customers
    if case.total is not None:
        assert int(log.purchases["amount"].sum()) == case.total
