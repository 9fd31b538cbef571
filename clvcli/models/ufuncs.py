"""The compiled functions of scipy.special without its package, whose start takes longer than a small log.

The package wraps them for other array libraries, and for that imports every corner of NumPy (its Fortran compiler
too): 0.11 s of processor, a seventh of a run of 10,000 records. The functions themselves, the same objects, stand in
one extension module. Where a SciPy keeps them elsewhere, the package is imported after all.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import scipy

from clvcli.models.base import Array

PACKAGE = "scipy.special"


def _compiled() -> ModuleType:
    """The extension module; the package where it is loaded already or has no such module."""
    if PACKAGE in sys.modules:
        return sys.modules[PACKAGE]
    bare = ModuleType(PACKAGE)
    bare.__path__ = [str(Path(scipy.__file__).parent / "special")]
    sys.modules[PACKAGE] = bare
    try:
        return import_module(f"{PACKAGE}._ufuncs")
    except ImportError:
        pass
    finally:
        del sys.modules[PACKAGE]  # whoever needs more than the functions gets the real one
    return import_module(PACKAGE)


_FOUND = _compiled()


def _named(name: str) -> Any:
    return getattr(_FOUND, name, None) or getattr(import_module(PACKAGE), name)


betainc = _named("betainc")
betaincinv = _named("betaincinv")
betaln = _named("betaln")
chdtri = _named("chdtri")
expit = _named("expit")
gammainc = _named("gammainc")
gammaincinv = _named("gammaincinv")
gammaln = _named("gammaln")
ndtri = _named("ndtri")
psi = _named("psi")
stdtrit = _named("stdtrit")
xlogy = _named("xlogy")
_zeta = getattr(_FOUND, "_zeta", None)


def trigamma(x: float | Array) -> Array:
    """The derivative of psi, of the shape of x: zeta(2, x), DLMF 5.15.1."""
    value = _zeta(2.0, x) if _zeta else import_module(PACKAGE).polygamma(1, x)
    return np.asarray(value, dtype=np.float64)
