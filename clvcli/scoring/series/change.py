"""Why sales changed between two periods of one length: who was kept, new, back, gone; customers, frequency, value."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from clvcli.models.exact_sum import whole_sums

Ints = npt.NDArray[np.int64]
KINDS = ("kept", "new", "back", "gone")
FIGURES = ("customers", "purchases_before", "purchases_now", "spend_before", "spend_now")
YEAR, LEAST = 365, 28


@dataclass(frozen=True)
class Window:
    """Two periods of `days` days: after `start` up to `middle`, and after that up to `end`."""

    start: date
    middle: date
    end: date

    @property
    def days(self) -> int:
        """Of each of the two."""
        return (self.end - self.middle).days


def window_of(first: date, as_of: date, days: int | None = None) -> Window | None:
    """Two years where the log has them, else its two halves; `days`: of each period. None for a log that is shorter."""
    known = (as_of - first).days + 1
    length = days or min(YEAR, known // 2)
    if length < (1 if days else LEAST) or 2 * length > known:
        return None
    middle = as_of - timedelta(days=length)
    return Window(middle - timedelta(days=length), middle, as_of)


def counted(born: Ints, counts: Ints, day: Ints, amount: Ints, middle: int, start: int) -> list[int]:
    """FIGURES of each of KINDS, one after the other. Days are numbers; purchases stand customer by customer, `counts`
    of each. The sums are exact.

    Kept: bought in both periods; new: their first purchase lies in the later one; back: in the later one, and before
    the earlier one; gone: in the earlier one alone.
    """
    person = np.repeat(np.arange(counts.size), counts)
    now, before = day > middle, (day > start) & (day <= middle)
    bought_now = np.bincount(person[now], minlength=counts.size)
    bought_before = np.bincount(person[before], minlength=counts.size)
    kind = np.select(
        [(bought_now > 0) & (bought_before > 0), (bought_now > 0) & (born > middle), bought_now > 0, bought_before > 0],
        [0, 1, 2, 3], -1,
    )  # fmt: skip
    inside = (now | before) & (kind[person] >= 0)
    sums = whole_sums(amount[inside], kind[person][inside] * 2 + now[inside], 2 * len(KINDS))
    found = []
    for place in range(len(KINDS)):
        mine = kind == place
        found += [int(mine.sum()), int(bought_before[mine].sum()), int(bought_now[mine].sum())]
        found += [int(sums[2 * place]), int(sums[2 * place + 1])]
    return found


def change(found: list[int], window: Window, decimals: int) -> dict[str, Any]:
    """Plain values. `effects` add up to the change of sales: of kept customers by how often and for how much they buy.
    `factors` do too: by how many customers there are, how often they buy, and for how much.
    """
    money = 10.0**decimals
    rows = {}
    for place, kind in enumerate(KINDS):
        values = dict(zip(FIGURES, found[place * len(FIGURES) : (place + 1) * len(FIGURES)], strict=True))
        rows[kind] = {k: v / money if k.startswith("spend") else v for k, v in values.items()}
    kept = rows["kept"]
    often, worth = _factors(
        (kept["purchases_before"], kept["purchases_now"]), (kept["spend_before"], kept["spend_now"])
    )
    before, now = (
        (
            sum(r["customers"] for k, r in rows.items() if r[f"purchases_{side}"]),
            sum(r[f"purchases_{side}"] for r in rows.values()),
            sum(r[f"spend_{side}"] for r in rows.values()),
        )
        for side in ("before", "now")
    )
    effects = {
        "new": rows["new"]["spend_now"], "back": rows["back"]["spend_now"], "gone": -rows["gone"]["spend_before"],
        "kept_frequency": often, "kept_value": worth,
    }  # fmt: skip
    return {
        "from": (window.start + timedelta(days=1)).isoformat(),
        "middle": window.middle.isoformat(),
        "until": window.end.isoformat(),
        "days": window.days,
        "kinds": rows,
        "before": dict(zip(("customers", "purchases", "spend"), before, strict=True)),
        "now": dict(zip(("customers", "purchases", "spend"), now, strict=True)),
        "effects": {name: round(float(value), 6) for name, value in effects.items()},
        "factors": _shapley(before, now),
    }


def _factors(purchases: tuple[float, float], spend: tuple[float, float]) -> tuple[float, float]:
    """The change of spend of one group, split in that of purchases and that of their mean amount, each at the mean of
    the other; they add up to it.
    """
    if not purchases[0] or not purchases[1]:
        return 0.0, spend[1] - spend[0]
    value = tuple(s / p for s, p in zip(spend, purchases, strict=True))
    often = (purchases[1] - purchases[0]) * (value[0] + value[1]) / 2
    return often, (spend[1] - spend[0]) - often


def _shapley(before: tuple[float, ...], now: tuple[float, ...]) -> dict[str, float] | None:
    """customers x purchases a customer x spend a purchase: what each moved, over all orders of moving them."""
    if not before[0] or not now[0] or not before[1] or not now[1]:
        return None
    old, new = ((c, p / c, s / p) for c, p, s in (before, now))
    names = ("customers", "frequency", "value")
    total = dict.fromkeys(names, 0.0)
    orders = list(permutations(range(3)))
    for order in orders:
        state = list(old)
        for place in order:
            earlier = float(np.prod(state))
            state[place] = new[place]
            total[names[place]] += (float(np.prod(state)) - earlier) / len(orders)
    return {name: round(value, 6) for name, value in total.items()}
