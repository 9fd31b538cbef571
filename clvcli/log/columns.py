"""Which column is the customer, the date, the amount: named, given as SQL, or recognised by its name and contents."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import InputError, UsageError
from clvcli.core.language import marked
from clvcli.core.options import LogOptions
from clvcli.log.column_values import PATTERNS, Contents, earliest, propose
from clvcli.log.names import is_quantity, is_unit_price, plain, tiers
from clvcli.sql import SqlError, columns_of

CURRENCY_NAME = re.compile(
    r"\w*(?<!con)currency(code|iso|id)?|curr(code)?|isocurrency\w*|w(ae|a)hrung\w*|wkz\w*|waers|"
    r"devise|monnaie|moneda|divisa|valuta|valutakod"
)
NEEDED = ("customer", "date", "amount")
OPTIONAL = ("order_id", "line_id", "currency")


@dataclass(frozen=True)
class Role:
    """What fills a role: a column of that name, or SQL. `how` is `named`, `expression` or `recognised`."""

    name: str
    text: str
    how: str
    reads: frozenset[str]

    @property
    def is_sql(self) -> bool:
        return self.how == "expression"


def resolve_roles(
    options: LogOptions, columns: list[str], name: str, head: Callable[[], pl.DataFrame]
) -> dict[str, Role]:
    """The role of each column, by the options, by its name, and by what stands in the first records, `head`.

    Raises InputError when a needed column is not found or two tie, or a name is none, UsageError for bad SQL.
    """
    _refuse_patterns(columns, name)
    roles: dict[str, Role] = {}
    if options.line_id is not None and options.order_id is None:
        raise UsageError("--line-id alone tells no lines apart", hint="--order-id names the column of the order")
    for role in (*NEEDED, *OPTIONAL):
        given = getattr(options, role)
        if given is not None:
            roles[role] = _given(role, given, columns, name)
    taken = {role.text for role in roles.values() if not role.is_sql}
    contents = Contents(head)
    tied: dict[str, list[str]] = {}
    missing: list[str] = []
    for role in NEEDED:
        if role in roles:
            continue
        found, several = _recognised(role, [c for c in columns if c not in taken], columns, contents)
        if found is not None:
            roles[role] = found
            taken.add(found.text)
        elif several:
            tied[role] = several
        else:
            missing.append(role)
    if tied or missing:
        raise _missing(tied, missing, columns, taken, contents, name)
    return {role: roles[role] for role in (*NEEDED, *OPTIONAL) if role in roles}


def _refuse_patterns(columns: Iterable[str], name: str) -> None:
    """Raises InputError for a column that Polars would take for a pattern of names."""
    found = next((column for column in columns if column.startswith("^") and column.endswith("$")), None)
    if found is not None:
        raise InputError(
            marked("{place}: a column is called {found}, which stands for a pattern of names", place=name, found=found),
            hint="rename it in the file",
        )


def resolve_role(role: str, text: str, columns: list[str], name: str) -> Role:
    """The role that the option of that name gives: a column, else SQL. Raises as resolve_roles does."""
    return _given(role, text, columns, name)


def flag_of(role: str) -> str:
    return "--" + role.replace("_", "-")


def _given(role: str, text: str, columns: list[str], name: str) -> Role:
    """An option that equals a column's name is that column, else it is SQL."""
    flag = flag_of(role)
    if not text.strip():
        raise UsageError(
            marked("{flag}: is empty", flag=flag), hint=marked("the columns are {columns}", columns=_listed(columns))
        )
    if text in columns:
        return Role(role, text, "named", frozenset({text}))
    if text.strip() in columns:
        return Role(role, text.strip(), "named", frozenset({text.strip()}))
    try:
        reads = columns_of(text)
    except SqlError as problem:
        hint = problem.hint or marked("the columns are {columns}", columns=_listed(columns))
        raise UsageError(
            marked(
                "{flag}: {text} is no column of {name} and no SQL: {text2}",
                flag=flag,
                text=repr(text),
                name=name,
                text2=problem.message,
            ),
            hint=hint,
            code="column_unknown",
        ) from None
    unknown = sorted(reads - set(columns))
    if unknown or not (reads or role == "amount"):
        word = unknown[0] if unknown else text
        near = difflib.get_close_matches(word, columns, 1) or [c for c in columns if plain(c) == plain(word)]
        advice = (
            marked("did you mean {name}?", name=near[0])
            if near
            else marked("the columns are {columns}", columns=_listed(columns))
        )
        raise InputError(
            marked("{place}: no column {word} ({flag})", place=name, word=word, flag=flag),
            hint=advice,
            code="column_unknown",
        )
    return Role(role, text, "expression", reads)


def currency_columns(columns: list[str]) -> list[str]:
    """Columns with a usual name of a currency: `Currency`, `order_currency_code`, `Währung`, `WKZ Umsatz`, ..."""
    return [c for c in columns if CURRENCY_NAME.fullmatch(plain(c))]


def _recognised(role: str, columns: list[str], every: list[str], contents: Contents) -> tuple[Role | None, list[str]]:
    """The column of the best tier of usual names whose contents fit the role; else the columns between which its name
    and contents do not decide. A column `id` without any value twice is a record's."""
    for tier in tiers(role):
        found = [c for c in columns if plain(c) in tier]
        if role == "amount":
            found = [c for c in found if not (is_unit_price(c) and any(is_quantity(q) for q in every))]
        if len(found) > 1:
            fitting = [c for c in found if _fits(role, contents, c)]
            found = fitting if fitting else found
        found = [c for c in found if not _is_another_thing(role, contents, c, weak=tier is not tiers(role)[0])]
        if len(found) == 1:
            return Role(role, found[0], "recognised", frozenset(found)), []
        if found:
            ranked = earliest(found) if role == "date" else sorted(found, key=lambda c: tier[plain(c)])
            return None, ranked
    return None, []


def _is_another_thing(role: str, contents: Contents, column: str, *, weak: bool) -> bool:
    """Whether a column of a usual name cannot be the role: the key of the records, a time of day, words for money."""
    if role == "customer":
        return plain(column) == "id" and contents.is_key(column)
    if not weak or contents.column(column).dtype != pl.String or not contents.values(column).len():
        return False
    return not contents.share(column, r"^\W*[0-9.,]+\W*$") and not contents.share(column, PATTERNS[role])


def _fits(role: str, contents: Contents, column: str) -> bool:
    if role == "customer":
        return not contents.is_key(column) and not contents.is_date(column)
    return contents.is_date(column) if role == "date" else contents.is_number(column)


def _missing(
    tied: dict[str, list[str]], missing: list[str], columns: list[str], taken: set[str], contents: Contents, name: str
) -> InputError:
    """What to say of roles that no column fills: all of them, with the options that do, as one line to copy."""
    said = [
        marked("several columns may be the {role}: {columns}", role=role, columns=", ".join(found))
        for role, found in tied.items()
    ]
    if missing:
        wanted = missing[0]
        if len(missing) == 2:
            wanted = marked("{first} and no {last}", first=missing[0], last=missing[1])
        elif missing[2:]:
            wanted = marked("{first}, no {second} and no {last}", first=missing[0], second=missing[1], last=missing[2])
        said.append(marked("no {wanted} column among {columns}", wanted=wanted, columns=_listed(columns)))
    answers: dict[str, str] = {}
    for role in (*tied, *missing):
        left = [c for c in columns if c not in taken | set(answers.values())]
        found = tied[role][0] if role in tied else propose(role, contents, left)
        if found is None and role == "amount":
            found = "1"
        if found is not None:
            answers[role] = found
    words = " ".join(f"{flag_of(role)} {shell_quoted(text)}" for role, text in answers.items())
    unknown = [role for role in missing if role not in answers]
    if unknown:
        words = " ".join([*(f"{flag_of(role)} COLUMN" for role in unknown), *([words] if words else [])])
    if answers.get("amount") == "1":
        words = marked("{words}; spend then counts purchases", words=words)
    return InputError(marked("{place}: {said}", place=name, said=_joined(said)), hint=words, code="column_unknown")


def _joined(said: list[str]) -> str:
    """Parts of a sentence, each in the language of the reader."""
    return said[0] if len(said) == 1 else marked("{first}; {rest}", first=said[0], rest=_joined(said[1:]))


def shell_quoted(text: str) -> str:
    """A value of an option as a shell takes it."""
    if re.fullmatch(r"[\w.@%+:/-]+", text) and not text.startswith("-"):
        return text
    if re.search(r'["$`\\]', text) and "'" not in text:
        return f"'{text}'"
    return '"' + re.sub(r'(["$`\\])', r"\\\1", text) + '"'


def _listed(columns: list[str]) -> str:
    shown = ", ".join(c[:40] for c in columns[:12])
    return shown + (f", ... ({len(columns)} in all)" if len(columns) > 12 else "")
