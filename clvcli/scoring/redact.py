"""What people may see of customers who must not be named (--redact): short pseudonyms, and a key file to turn them
back."""

import csv
import io
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.marked import from_json, rewritten
from clvcli.core.pseudonyms import Pseudonyms

SECRET = "secret"  # the word in the first column of the key file
HEAD = ("pseudonym", "customer_id")
HIDDEN = "(redacted)"
ADDRESS = r"[^\s@\"',;()]+@[^\s@\"',;()]+"
QUOTED = re.compile(rf"(?<![^\s@\"',;()]){ADDRESS}|'[^']*'|\"[^\"]*\"")
"""What warnings cite: an e-mail, or a value between quotation marks."""


class Key:
    """The key file: a CSV of pseudonym and customer_id of everyone who was shown, its first row the secret."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._known = _read(path)
        secret = self._known.pop(SECRET, None) or secrets.token_hex(16)
        self._secret, self._names = secret, Pseudonyms(bytes.fromhex(secret))

    def of(self, customer: str) -> str:
        """The pseudonym of one, noted in the file."""
        name = self._names.of(customer)
        self._known[name] = customer
        return name

    def content(self) -> bytes:
        """The file as it is to be."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerows([HEAD, (SECRET, self._secret), *sorted(self._known.items())])
        return out.getvalue().encode()


def _read(path: str) -> dict[str, str]:
    """Raises InputError for a file that is no key; a missing one is empty."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file)) or [[]]
        known = dict(rows)
        bytes.fromhex(known[SECRET])
        if tuple(head) != HEAD:
            raise ValueError
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no key file of clv"
        raise InputError(
            f"{path}: {reason}", hint="--redact names a new file, or one that an earlier run made"
        ) from None
    return known


def redacted(manifest: Mapping[str, Any], key: Key) -> dict[str, Any]:
    """The manifest without ids, names and addresses: pseudonyms in its series, no address in what it says."""
    hidden = dict(manifest) | {"series": _named_by(key, manifest["series"])}
    return hidden | {"warnings": _unquoted(manifest["warnings"])}


def unquoted(sentence: str) -> str:
    """A sentence without the values that it cites."""
    found = rewritten(sentence, lambda text: QUOTED.sub(HIDDEN, text))
    plain = QUOTED.sub(HIDDEN, found)
    return found if plain == found else plain


def without_values(rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects without whole records, and without values that name somebody."""
    whole = pl.col("column").is_null() | (pl.col("column") == "") | pl.col("value").str.contains(ADDRESS)
    return rejects.with_columns(value=pl.when(whole).then(pl.lit(HIDDEN)).otherwise(pl.col("value")))


def _named_by(key: Key, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _hidden(name, inner, key, value) for name, inner in value.items()}
    return [_named_by(key, inner) for inner in value] if isinstance(value, list | tuple) else value


def _hidden(name: str, inner: Any, key: Key, row: Mapping[str, Any]) -> Any:
    if name == "customer_id" and isinstance(inner, str):
        return key.of(inner)
    if name == "name" and "customer_id" in row:
        return None
    return _named_by(key, inner)


def _unquoted(warnings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [Notice(one["code"], unquoted(from_json(one["message"], one))).document() for one in warnings]
