"""Columns of whole numbers kept in few bytes that read as arrays of float64: a block at a time, where a fit runs in
blocks. What several million distinct histories cost to hold is then a few bytes each."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

from clvcli.models.base import Array
from clvcli.models.fitting import BLOCK


class Narrow(NDArrayOperatorsMixin):
    """Whole numbers of shape (n,) that read as float64, divided by `unit`. A slice is an array; so is what any function
    of numpy makes of it, which unpacks all of it for as long as that takes; `@` of two columns goes by blocks."""

    def __init__(self, whole: npt.NDArray[np.integer], unit: float = 1.0) -> None:
        self.whole = whole
        self.unit = unit

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.whole.size

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values, (n,)."""
        return self.whole.shape

    def __len__(self) -> int:
        return self.whole.size

    def __getitem__(self, rows: Any) -> Array:
        values: Array = self.whole[rows].astype(np.float64)
        return values if self.unit == 1.0 else values / self.unit

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return self[:].astype(dtype or np.float64, copy=False)

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **more: Any) -> Any:
        if function is np.matmul and all(np.ndim(value) == 1 for value in inputs):
            one, other = inputs
            parts = [slice(start, start + BLOCK) for start in range(0, len(one), BLOCK)]
            return np.float64(sum(float(np.asarray(one[rows]) @ np.asarray(other[rows])) for rows in parts))
        arrays = [np.asarray(value) if isinstance(value, Narrow) else value for value in inputs]
        return getattr(function, method)(*arrays, **more)

    def sum(self) -> float:
        """The sum; exact, as float64."""
        return float(self.whole.sum(dtype=np.int64)) / self.unit

    def max(self, initial: float | None = None) -> float:
        """Largest value."""
        largest = float(self.whole.max()) / self.unit if self.whole.size else initial
        if largest is None:
            raise ValueError("no values and no initial")
        return largest if initial is None else max(largest, initial)

    def astype(self, dtype: Any) -> npt.NDArray[Any]:
        """All of it as an array of another type."""
        return self.whole.astype(dtype) if self.unit == 1.0 else self[:].astype(dtype)
