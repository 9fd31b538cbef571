"""The models by name: a file `purchase/pareto_nbd.py` is `pareto-nbd`. Folders are listed without importing them."""

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import cast

from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.models.base import PurchaseModel, SpendModel

FOLDER = Path(__file__).parent


def names(kind: str = "purchase") -> list[str]:
    """Names of the models of a kind (`purchase` or `spend`), sorted."""
    # Not a glob: on workers of a cluster the package stands in a zip archive.
    found = (module.name for module in pkgutil.iter_modules([str(FOLDER / kind)]))
    return sorted(name.replace("_", "-") for name in found if name != "base")


def purchase_model(name: str) -> PurchaseModel:
    """The purchase model of that name. Raises UsageError."""
    return cast(PurchaseModel, _load("purchase", name))


def spend_model(name: str) -> SpendModel:
    """The spend model of that name. Raises UsageError."""
    return cast(SpendModel, _load("spend", name))


def _load(kind: str, name: str) -> object:
    if name not in names(kind):
        raise UsageError(
            marked("no {kind} model {name}", kind=kind, name=repr(name)),
            hint=marked("one of: {known}", known=", ".join(names(kind))),
        )
    return import_module(f"clvcli.models.{kind}.{name.replace('-', '_')}").MODEL
