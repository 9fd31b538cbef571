"""How much of the value sits with few customers."""

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


def top_share(values: Values, share: float = 0.2) -> float | None:
    """Part of the sum that the best `share` of customers hold; a customer who straddles the line counts in part.

    80, 5, 5, 5, 5: the best fifth holds 80 %. None for values that sum to nothing.
    """
    total = float(values.sum())
    if values.size == 0 or total <= 0:
        return None
    ordered = np.sort(values)[::-1]
    wanted = share * values.size
    whole = int(np.floor(wanted + 1e-9))
    part = wanted - whole
    rest = part * ordered[whole] if part > 1e-9 and whole < ordered.size else 0.0
    return float(ordered[:whole].sum() + rest) / total


def gini(values: Values) -> float | None:
    """Half the mean difference between two customers over the mean: sum of (2 i - n - 1) x_i / (n sum x), x ascending.

    80, 5, 5, 5, 5: .60. 0 when all are equal, (n - 1) / n when one has all. None for values that sum to nothing.
    """
    total = float(values.sum())
    n = values.size
    if n == 0 or total <= 0:
        return None
    i = np.arange(1, n + 1)
    return float((2 * i - n - 1) @ np.sort(values)) / (n * total)
