"""The parts of crosssell against slow ones, customer by customer."""

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from clvcli.commands.crosssell.affinity import affinity, reasons
from clvcli.commands.crosssell.due import due_dates
from clvcli.commands.crosssell.holdout import holdout
from clvcli.commands.crosssell.matrix import matrix_of


def items(seed: int, rows: int = 400) -> pl.DataFrame:
    """Lines of 30 customers and 9 products within 200 days."""
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in rng.integers(0, 30, rows)],
            "product": [f"p{n}" for n in rng.geometric(0.3, rows) % 9],
            "day": [date(2026, 1, 1) + timedelta(days=int(n)) for n in rng.integers(0, 200, rows)],
        }
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_matrix_has_every_pair_of_a_common_product_once(seed: int) -> None:
    log = items(seed)
    found = matrix_of(log, 8)
    assert found is not None
    pairs = set(log.select("customer_id", "product").iter_rows())
    held = {p: sum(1 for _, q in pairs if q == p) for _, p in pairs}
    assert found.products.to_list() == sorted(p for p, n in held.items() if n >= 8) != sorted(held)
    assert found.customers["customer_id"].to_list() == sorted({c for c, _ in pairs})
    rows, columns = found.owned.nonzero()
    told = [
        (found.customers["customer_id"][int(r)], found.products[int(c)]) for r, c in zip(rows, columns, strict=True)
    ]
    assert sorted(told) == sorted(pair for pair in pairs if held[pair[1]] >= 8)
    assert found.owned.has_sorted_indices


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_reason_is_what_goes_best_and_nothing_where_nothing_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = (rng.random((25, 7)) < 0.25).astype(np.float32)
    dense[[0, 11]], dense[24] = 0.0, 0.0  # who has nothing, the first and the last too
    dense[:, 6] = 0.0  # what nobody has
    places = rng.integers(-1, 7, (25, 3))
    owned = sparse.csr_matrix(dense)
    found = affinity(owned)
    cosine = found.cosine
    for row, told in enumerate(reasons(owned, found, places)):
        mine = np.flatnonzero(dense[row])
        for place, because in zip(places[row], told, strict=True):
            near = [float(cosine[one, place]) for one in mine]
            wanted = mine[near.index(max(near))] if place >= 0 and near and max(near) > 0 else -1
            assert because == wanted


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_due_dates_by_hand(seed: int) -> None:
    log, as_of = items(seed), date(2026, 7, 19)
    days: dict[tuple[str, str], list[date]] = {}
    for customer, product, day in log.unique().sort("day").iter_rows():
        days.setdefault((customer, product), []).append(day)
    gaps = {key: [(b - a).days for a, b in pairwise(d)] for key, d in days.items()}
    usual = {p: [g for (_, q), gs in gaps.items() if q == p for g in gs] for _, p in days}
    wanted = []
    for (customer, product), bought in days.items():
        own = len(bought) > 2
        if not own and len(usual[product]) < 5:
            continue
        gap = median(gaps[customer, product]) if own else median(usual[product])
        due = bought[-1] + timedelta(days=max(1, round(gap)))
        late = (as_of - due).days
        if late <= gap:
            wanted.append((max(due, as_of + timedelta(days=1)), customer, product, len(bought), gap, late))
    found = due_dates(log, as_of)
    columns = ("due_date", "customer_id", "product", "times", "usual_gap", "overdue_days")
    assert found.select(columns).rows() == sorted(wanted)
    assert found["due_date"].min() > as_of  # type: ignore[operator]


def test_a_suggestion_that_is_not_made_hits_nothing() -> None:
    """Everybody has both known products: nothing is left to suggest, and what is bought then was never known."""
    start = date(2026, 1, 1)
    rows = [(f"c{n}", p, start + timedelta(days=n % 5)) for n in range(40) for p in ("a", "b")]
    rows += [(f"c{n}", "new", start + timedelta(days=100)) for n in range(40)]
    log = pl.DataFrame(rows, schema=["customer_id", "product", "day"], orient="row")
    judged = holdout(log, start + timedelta(days=100))
    assert judged is not None
    assert (judged.customers, judged.hit_rate, judged.popular) == (40, 0.0, 0.0)
