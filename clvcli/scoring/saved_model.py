"""`model.json`: what `clv fit -o` writes and `--use-model` reads. Parameters as JSON; no pickles."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from clvcli import __version__
from clvcli.core.errors import InputError
from clvcli.core.held import Held
from clvcli.core.language import marked
from clvcli.core.spend_basis import BASES
from clvcli.core.whole_json import misfit, read_json
from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, UNIT_WEEKS, Fit
from clvcli.models.registry import names, purchase_model, spend_model
from clvcli.models.units import in_weeks, rescale
from clvcli.scoring.calibration import SPEND_MODEL
from clvcli.scoring.covaried import Covariates, covariates_from_json, covariates_json
from clvcli.scoring.terms import Fits
from clvcli.scoring.thresholds import Cuts, cuts_from_json

SCHEMA = 1
LEAST, MOST, MOST_SCALE = 1e-10, 1e10, 1e30
"""What a fit may give of a parameter, with room: the models search from 1e-8 to 1e8 in weeks; `v` scales with money."""
_FIT = {
    "name": str,
    "time_unit": str,
    "basis": (str, None),
    "params": {"*": float},
    "std_errors": ({"*": (float, None)}, None),
    "log_likelihood": (float, None),
    "status": str,
    "message": (str, None),
    "customers": (int, None),
}
_BOUNDS = [(float, None)]
_CUTS = {
    "r": _BOUNDS, "f": _BOUNDS, "m": _BOUNDS, "clv_values": [float], "clv_below": [float], "*": (float, None),
}  # fmt: skip
_COVARIATES = {
    "columns": [{"name": str, "mean": (float, None), "sd": (float, None), "step": (float, None),
                 "levels": ([str], None)}],
    "name": str,
    "time_unit": str,
    "params": {"*": float},
    "coefficients": [{"process": str, "term": str, "value": float, "std_error": (float, None)}],
    "std_errors": ({"*": (float, None)}, None),
    "log_likelihood": (float, None),
    "gain": (float, None),
    "status": (str, None),
}  # fmt: skip
_FITS = {**_FIT, "purchase": _FIT, "spend": (_FIT, None)}
MODEL = {
    **_FITS,
    "as_of": (str, None),
    "acquired_from": (str, None),
    "cuts": (_CUTS, None),
    "covariates": (_COVARIATES, None),
    "groups": ([{**_FITS, "group": (str, int)}], None),
}
"""The shape of a model file; a hand-written one is a fit of the purchase model alone."""
HINT = marked("clv fit DATA -o model.json writes such a file")


@dataclass(frozen=True)
class SavedModel:
    """Fits with time in weeks, their cuts (None: to be taken from the table), and the day on which they were made.

    `customers`: how many each was fitted on, by group, the pooled one under ""; what a file does not say is missing.
    `acquired_from`: the first day of those customers, where the fit was held to a part of them.
    """

    pooled: Fits
    groups: Mapping[str, Fits]
    cuts: Cuts | None
    basis: str | None
    as_of: date | None
    customers: Mapping[str, int] = field(default_factory=dict)
    acquired_from: date | None = None
    covariates: Covariates | None = None


def model_json(model: SavedModel, basis: str, as_of: date, time_unit: str) -> dict[str, Any]:
    """The content of a model file."""

    def one(name: str, fits: Fits) -> dict[str, Any]:
        return {"customers": model.customers.get(name), **fits_json(fits, basis, time_unit)}

    saved = {
        "schema": SCHEMA,
        "clv": __version__,
        "as_of": as_of.isoformat(),
        **({"acquired_from": model.acquired_from.isoformat()} if model.acquired_from else {}),
        **one("", model.pooled),
        "cuts": None if model.cuts is None else model.cuts.as_json(),
    }
    if model.covariates is not None:
        saved["covariates"] = covariates_json(model.covariates, time_unit)
    if model.groups:
        saved["groups"] = [{"group": name, **one(name, fits)} for name, fits in model.groups.items()]
    return saved


def fits_json(fits: Fits, basis: str, time_unit: str) -> dict[str, Any]:
    """Both fits as the manifest and the model file show them; parameters in `time_unit`."""
    purchase = rescale(fits.purchase, purchase_model(fits.purchase.name), time_unit)
    return {
        "purchase": {"name": purchase.name, "time_unit": time_unit, **_fit_json(purchase)},
        "spend": {"name": fits.spend.name, "basis": basis, **_fit_json(fits.spend)},
    }


def _fit_json(fit: Fit) -> dict[str, Any]:
    return {
        "params": dict(fit.params),
        "std_errors": dict(fit.std_errors),
        "log_likelihood": fit.log_likelihood,
        "status": fit.status,
        "message": fit.message,
    }


def read_model(path: str) -> SavedModel:
    """Reads a model file; a hand-written one needs `name`, `time_unit` and `params` of the purchase model alone."""
    try:
        value = path.value if isinstance(path, Held) else read_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint=HINT) from None
    except ValueError as error:
        raise InputError(
            marked("{place}: is no JSON: {error}", place=path, error=error), hint=HINT, code="no_saved_model"
        ) from None
    if wrong := misfit(value, MODEL):
        raise InputError(
            marked("{place}: is no model: {reason}", place=path, reason=wrong), hint=HINT, code="no_saved_model"
        )
    schema = value.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise InputError(
            marked(
                "{place}: schema {found}; this clv reads schema {schema}",
                place=path,
                found=repr(schema),
                schema=SCHEMA,
            ),
            hint="fit again with this version",
        )
    try:
        return _saved(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = marked("lacks {name}", name=error) if isinstance(error, KeyError) else str(error)
        raise InputError(
            marked("{place}: is no model: {reason}", place=path, reason=reason), hint=HINT, code="no_saved_model"
        ) from None


def _saved(value: Mapping[str, Any]) -> SavedModel:
    """The content of a file. Raises KeyError, TypeError, ValueError, AttributeError where it is not what it says."""
    parts = {"": value, **{str(g["group"]): g for g in value.get("groups") or []}}
    fits = {name: _fits(part) for name, part in parts.items()}
    basis = (value.get("spend") or {}).get("basis")
    if basis not in {None, *BASES}:
        raise ValueError(f"spend.basis is one of {', '.join(BASES)}, not {basis!r}")
    return SavedModel(
        pooled=fits.pop(""),
        groups=fits,
        cuts=None if value.get("cuts") is None else cuts_from_json(value["cuts"]),
        basis=basis,
        as_of=_day(value, "as_of"),
        customers={n: int(_number(p["customers"], "customers")) for n, p in parts.items() if p.get("customers")},
        acquired_from=_day(value, "acquired_from"),
        covariates=covariates_from_json(value["covariates"]) if value.get("covariates") else None,
    )


def _day(value: Mapping[str, Any], key: str) -> date | None:
    return None if value.get(key) is None else date.fromisoformat(value[key])


def _fits(value: Mapping[str, Any]) -> Fits:
    purchase = value.get("purchase", value)
    unit = purchase["time_unit"]
    if unit not in UNIT_WEEKS:
        raise ValueError(f"time_unit is one of {', '.join(UNIT_WEEKS)}, not {unit!r}")
    if purchase.get("name") not in names():
        raise ValueError(f"no purchase model {purchase.get('name')!r}; there are {', '.join(names())}")
    spend = value.get("spend")
    model = purchase_model(purchase["name"])
    fit = _fit(purchase, model.parameters)
    return Fits(replace(fit, params=in_weeks(fit.params, model, unit)), _spend_fit(spend))


def _spend_fit(spend: Mapping[str, Any] | None) -> Fit:
    if spend is None:
        return Fit(SPEND_MODEL, {}, {}, None, INSUFFICIENT, "the model file has no spend model")
    named = {"name": SPEND_MODEL, **spend}
    return _fit(named, spend_model(named["name"]).parameters)


def _fit(value: Mapping[str, Any], parameters: tuple[str, ...]) -> Fit:
    status = value.get("status", CONVERGED)
    if status == INSUFFICIENT:
        return Fit(value["name"], {}, {}, None, status, str(value.get("message", "")))
    if status not in (CONVERGED, AT_BOUND):
        raise ValueError(f"status is one of {CONVERGED}, {AT_BOUND}, {INSUFFICIENT}, not {status!r}")
    given = {p: _number(v, f"params.{p}") for p, v in value["params"].items()}
    params = {p: given[p] for p in parameters if p in given}
    missing = [p for p in parameters if p not in params]
    if missing:
        raise ValueError(f"params of {value['name']} lack {', '.join(missing)}")
    bad = [p for p, v in params.items() if not LEAST <= v <= (MOST_SCALE if p == "v" else MOST)]
    if bad:
        raise ValueError(f"params {', '.join(bad)} of {value['name']} are not positive numbers that a fit can give")
    extra = {p: v for p, v in given.items() if p not in params}
    errors = {
        p: None if v is None else _number(v, f"std_errors.{p}") for p, v in (value.get("std_errors") or {}).items()
    }
    likelihood = value.get("log_likelihood")
    return Fit(
        value["name"], {**params, **extra}, errors, None if likelihood is None else float(likelihood), status,
        str(value.get("message", "")),
    )  # fmt: skip


def _number(value: Any, key: str) -> float:
    """A number of the file. Raises ValueError that names the key."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{key} is a number, not {str(value)[:40]!r}")
    return float(value)
