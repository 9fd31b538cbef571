"""The functions of SciPy that come without its package: the same objects, and the package stays whole."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import special

from clvcli.models import ufuncs

NAMES = (
    "betainc", "betaincinv", "betaln", "chdtri", "expit", "gammainc", "gammaincinv", "gammaln", "ndtri", "psi",
    "stdtrit", "xlogy",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_that_of_the_package(name: str) -> None:
    assert getattr(ufuncs, name) is getattr(special, name)


def test_trigamma_is_the_polygamma_of_the_package_bit_by_bit() -> None:
    x = np.geomspace(1e-6, 1e9, 2000)
    assert np.array_equal(ufuncs.trigamma(x), special.polygamma(1, x))
    assert float(ufuncs.trigamma(0.7)) == float(special.polygamma(1, 0.7))


BEFORE_THE_PACKAGE = """
import sys
from clvcli.models import ufuncs
assert not {"scipy.special", "numpy.f2py"} & sys.modules.keys()
from scipy import optimize, special, stats
assert special.betainc is ufuncs.betainc and special._ufuncs.betainc is ufuncs.betainc
assert abs(stats.norm.ppf(0.975) - ufuncs.ndtri(0.975)) < 1e-12
"""
ELSEWHERE = """
import importlib, sys
import scipy
scipy.__file__ = "/nowhere/scipy/__init__.py"
from clvcli.models import ufuncs
scipy.special = importlib.import_module("scipy.special")
assert ufuncs.betainc is scipy.special.betainc and float(ufuncs.trigamma(2.0)) == float(scipy.special.polygamma(1, 2.0))
"""


@pytest.mark.parametrize("program", [BEFORE_THE_PACKAGE, ELSEWHERE])
def test_the_package_is_whole_whether_it_comes_later_or_instead(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
