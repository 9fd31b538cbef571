"""The purchases of a population in order of time, a week at a time: memory grows with customers, not with rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcli.commands.simulate.population import Array, Population, Rows

STEP = 7  # days drawn at a time
YEAR, PEAK = 365.25, 345.0  # the season peaks in December


@dataclass(frozen=True)
class Lines:
    """Item lines of some days, sorted by time. customer: row of the population; day: days from the start;
    cents: minor units; order: number of the order, counted from 0 over the whole log. All of shape (n,), int64.
    """

    customer: Rows
    day: Rows
    cents: Rows
    order: Rows


def draw_lines(
    people: Population, days: int, lines: float, season: float, first_day: int, random: np.random.Generator
) -> Iterator[tuple[int, Lines]]:
    """All purchases of `days`, split into `lines` lines a purchase on average (1 or more).

    `season`: 0.3 lets rates swing by 30 % over the year, highest in December; `first_day` is the day of the year on
    which the log starts. First purchases are not seasonal. The whole population is one sequence of draws: the same
    arguments give the same lines. Gives the first day after each week, and the week's lines.
    """
    following = people.arrival.copy()
    orders = 0
    for start in range(0, days, STEP):
        who, when = _purchases(people, following, min(start + STEP, days), season, first_day, random)
        yield min(start + STEP, days), _split(people, who, when, lines, orders, random)
        orders += len(who)


def _purchases(
    people: Population, following: Array, stop: float, season: float, first_day: int, random: np.random.Generator
) -> tuple[Rows, Array]:
    """Who buys before `stop`, and when, sorted by time. `following` (next purchase of each) moves on in place."""
    customers, times = [np.empty(0, np.int64)], [np.empty(0)]
    due = np.flatnonzero(following < stop)
    while due.size:
        when = following[due]
        first = when == people.arrival[due]
        bought = first | _in_season(when, season, first_day, random)
        customers.append(due[bought])
        times.append(when[bought])
        # Gaps are drawn at the rate of the peak: a purchase out of season is thinned out, and is none.
        gap = random.standard_exponential(due.size) / np.maximum(people.rate[due] * (1.0 + season), 1e-300)
        leaves = bought & (people.from_first | ~first) & (random.random(due.size) < people.dropout[due])
        then = when + gap
        following[due] = np.where(leaves | (then >= people.death[due]), np.inf, then)
        due = due[following[due] < stop]
    who, when = np.concatenate(customers), np.concatenate(times)
    order = np.argsort(when, kind="stable")
    return who[order], when[order]


def _in_season(when: Array, season: float, first_day: int, random: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Keeps each purchase with probability rate(day) / rate(peak); without a season draws nothing."""
    if season == 0:
        return np.ones(when.size, bool)
    height = 1.0 + season * np.cos(2.0 * np.pi * (when + first_day - PEAK) / YEAR)
    return random.random(when.size) * (1.0 + season) < height


def _split(people: Population, who: Rows, when: Array, lines: float, orders: int, random: np.random.Generator) -> Lines:
    """Amounts, and each purchase split into lines that sum up to it to the cent."""
    total = np.maximum(np.rint(random.gamma(people.shape, people.scale[who]) * 100.0), 1.0).astype(np.int64)
    count = 1 + random.poisson(lines - 1.0, who.size) if lines > 1 else np.ones(who.size, np.int64)
    owner = np.repeat(np.arange(who.size), count)
    starts = np.cumsum(count) - count
    weight = random.standard_exponential(owner.size)
    if who.size:
        weight /= np.add.reduceat(weight, starts)[owner]
    cents = np.floor(total[owner] * weight).astype(np.int64)
    if who.size:
        cents[starts] += total - np.add.reduceat(cents, starts)
    return Lines(who[owner], np.floor(when).astype(np.int64)[owner], cents, orders + owner)
