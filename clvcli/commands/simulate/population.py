"""The customers of a simulated log: when they come, how often they buy, how long they stay, how much they spend."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clvcli.core.errors import UsageError
from clvcli.core.language import marked

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

PURCHASE_PARAMETERS = {
    "bg-nbd": {"r": 0.7, "alpha": 7.0, "a": 0.8, "b": 2.5},
    "mbg-nbd": {"r": 0.7, "alpha": 7.0, "a": 0.5, "b": 2.0},
    "pareto-nbd": {"r": 0.7, "alpha": 7.0, "s": 0.6, "beta": 12.0},
}
SPEND_PARAMETERS = {"p": 6.0, "q": 4.0, "v": 18.0}
# One stream of random numbers a purpose: a table drawn beside the log does not move the log.
PEOPLE, EVENTS, DIRT, BESIDE = range(4)


@dataclass(frozen=True)
class Population:
    """One entry a customer, in the order of their ids.

    arrival: days from the start of the log to the first purchase. rate: purchases a day. dropout: chance to leave after
    a purchase (zeros where the model is in time). death: days from the start at which the customer leaves (inf where
    the model is in purchases). scale: the customer's scale of spend, mean purchase / p. `from_first`: whether the first
    purchase can be the last one by `dropout`. All arrays of shape (n,), float64.
    """

    arrival: Array
    rate: Array
    dropout: Array
    death: Array
    scale: Array
    shape: float
    from_first: bool


def stream(seed: int, purpose: int) -> np.random.Generator:
    """The random numbers of one purpose."""
    return np.random.default_rng([seed, purpose])


def draw_population(
    customers: int, days: int, model: str, params: Mapping[str, float], spend: Mapping[str, float], seed: int
) -> Population:
    """`customers` who arrive evenly over `days`; parameters are per week, as in the literature.

    BG/NBD of Fader, Hardie & Lee (2005), MBG/NBD of Batislam et al. (2007), Pareto/NBD of Schmittlein et al. (1987);
    Gamma-Gamma of Fader & Hardie (2013): a purchase is Gamma(p, nu), nu ~ Gamma(q, v).
    """
    random = stream(seed, PEOPLE)
    arrival = np.sort(random.uniform(0.0, days, customers))
    rate = random.gamma(params["r"], 1.0 / params["alpha"], customers) / 7.0
    dropout, death = np.zeros(customers), np.full(customers, np.inf)
    if model == "pareto-nbd":
        leaving = random.gamma(params["s"], 1.0 / params["beta"], customers) / 7.0
        with np.errstate(divide="ignore", over="ignore"):
            death = arrival + random.standard_exponential(customers) / leaving
    else:
        dropout = random.beta(params["a"], params["b"], customers)
    scale = 1.0 / random.gamma(spend["q"], 1.0 / spend["v"], customers)
    return Population(arrival, rate, dropout, death, scale, spend["p"], model == "mbg-nbd")


def parse_parameters(flag: str, text: str | None, defaults: Mapping[str, float]) -> dict[str, float]:
    """`r=0.7, alpha=7` over the defaults. Raises UsageError for unknown names and for what is no positive number."""
    values = dict(defaults)
    for part in (text or "").split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not equals or name not in defaults:
            raise UsageError(
                marked("{flag}: {part} is not NAME=NUMBER", flag=flag, part=part.strip()),
                marked("the names are {defaults}", defaults=", ".join(defaults)),
            )
        try:
            values[name] = float(number)
        except ValueError:
            values[name] = -1.0
        if not 0 < values[name] < float("inf"):
            raise UsageError(
                marked("{flag}: {name} is a number above 0; got {number}", flag=flag, name=name, number=number),
                f"{name}={defaults[name]}",
            )
    return values
