"""The CDNOW sample, for every test of the models."""

from datetime import date

import pytest
from models.models_data import Cdnow, load_cdnow


@pytest.fixture(scope="session")
def cdnow() -> Cdnow:
    """The calibration period of the literature: 39 weeks to 1997-09-30."""
    return load_cdnow()


@pytest.fixture(scope="session")
def cdnow_all() -> Cdnow:
    """The whole sample, to 1998-06-30."""
    return load_cdnow(date(1998, 6, 30))
