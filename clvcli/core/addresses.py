"""Addresses of databases, and how to name them without their secrets. Imports nothing heavy."""

import re
from urllib.parse import quote, unquote

from clvcli.core.errors import UsageError
from clvcli.core.language import marked

SCHEMES = frozenset((
    "sqlite", "duckdb", "postgresql", "postgres", "redshift", "mysql", "mariadb", "mssql", "oracle", "trino",
    "clickhouse", "bigquery",
))  # fmt: skip
ADDRESS = re.compile(r"([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?:(?://)?")
USER = re.compile(r"(://[^/?#@\s:]*):([^/?#\s]*)@")
OF_DATABASE = re.compile(rf"(?i)((?:{'|'.join(sorted(SCHEMES))})(?:\+\w+)?://[^/?#@\s:]*):(\S*)@")
"""Within a text: a password may have any letter that should have been written as %2F."""
WHOLE = re.compile(r"^(\w+(?:\+\w+)?://[^/?#@:]*):(.*)@", re.DOTALL)
"""Where the text is one address of a database, blanks too."""
PARAMETER = re.compile(
    r"(?i)((?<![\w-])(?:[\w-]*(?:password|passwd|pwd|secret|token|api_?key|access_?key|account_?key|signature|credential)"
    r"[\w-]*|sig)=)([^&#\s]+)"
)
HIDDEN = "***"


def is_database(text: str) -> bool:
    """Whether DATA or an output is the address of a database."""
    return scheme_of(text) in SCHEMES and "://" in text


def scheme_of(text: str) -> str:
    """`postgresql` of `postgresql+psycopg://...`; empty for what is no address."""
    found = ADDRESS.match(text.lower())
    return found[1] if found else ""


def masked(text: str) -> str:
    """The text with the passwords of its addresses hidden."""
    if "://" not in text:
        return text
    for pattern in _users(text):
        text = pattern.sub(rf"\1:{HIDDEN}@", text)
    return PARAMETER.sub(rf"\1{HIDDEN}", text)


def check_password(address: str) -> None:
    """Raises UsageError for a password with a mark that a driver takes for the end of it: what it then says of the
    rest would be a part of the password."""
    found = WHOLE.match(address)
    if found and not re.match(r"\d*[/?]", found[2]) and (wrong := sorted(set(re.findall(r"[/?#\[\]\s]", found[2])))):
        marks = ", ".join(f"{mark} as {quote(mark, safe='')}" for mark in wrong)
        raise UsageError(
            marked("{place}: the password has marks of an address in it", place=masked(address)),
            hint=marked("write {marks}", marks=marks),
        )


def _users(text: str) -> tuple[re.Pattern[str], ...]:
    return (WHOLE, USER) if is_database(text) else (OF_DATABASE, USER)


def without_secrets(message: str, address: str) -> str:
    """What a driver says of an address, on one line, with nothing in it that the address hides."""
    for secret in secrets_of(address):
        message = message.replace(secret, HIDDEN).replace(unquote(secret), HIDDEN)
    return masked(" ".join(message.split()))


def secrets_of(address: str) -> list[str]:
    """The passwords in an address, as they stand there."""
    found = [match[2] for pattern in (*_users(address), PARAMETER) for match in pattern.finditer(address)]
    return [secret for secret in found if secret]


def path_of(address: str) -> str:
    """The file of `sqlite:///shop.db` (relative), `sqlite:////data/shop.db` (absolute)."""
    rest = address.split("://", 1)[1].split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    return unquote(rest[1:] if rest.startswith("/") else rest)


def table_of(address: str) -> str:
    """`scored` of `sqlite:///shop.db#scored`; empty where the address names no table."""
    return unquote(address.split("#", 1)[1]) if "#" in address else ""


def beside(path: str) -> str:
    """What the files beside an output are called after: its path, or the table's name in the current folder."""
    return table_of(path).replace("/", "_") if is_database(path) else path
