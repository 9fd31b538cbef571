"""One currency, or the log is refused: amounts of two currencies do not add up."""

import re
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Mapping

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.log.anomalies import records
from clvcli.log.column_values import quoted
from clvcli.log.currency_marks import CODES as ISO_CODES
from clvcli.log.currency_marks import currency_of, means, usual
from clvcli.log.ids import BLANKS, NULL_LIKE

LOOK = 200
CONVERTED = re.compile(
    r"(?i)(?:converted|umgerechnet|converti|convertido|convertito|przeliczon|пересчит|конверт|換算|折算)"
    r"(?!.*(?:rate|kurs|currency|w(?:ä|ae)hrung))"
    r"|\b(?:amount|total|betrag|montant|importe|sales|revenue|value)[ _]+(?:in[ _]+)?\(?(?:eur|usd|gbp|chf|base)\)?$"
)


def by_content(frame: pl.DataFrame) -> list[str]:
    """Columns of text in which nothing but codes of currencies stands, at least two of them, whatever they are called.
    Only few texts are short: the others cost one look."""
    found = []
    for name in frame.columns:
        if frame[name].dtype != pl.String:
            continue
        head = frame[name].drop_nulls().head(1)
        if head.is_empty() or len(head[0].strip()) not in (0, 3):
            continue
        if not _are_codes(frame[name].head(LOOK).drop_nulls()):
            continue
        found.append(name)
    return found


def _are_codes(texts: pl.Series) -> bool:
    codes = texts.str.strip_chars(BLANKS).str.to_uppercase().unique()
    known = codes.filter(codes != "")
    return known.len() > 0 and bool(known.is_in(list(ISO_CODES)).all())


def that_count(
    counts: Mapping[str, Mapping[str | None, int]], named: Container[str]
) -> dict[str, Mapping[str | None, int]]:
    """The columns of `counts` (see check_counts) that are currencies: those `named` so, and of the others (see
    by_content) those with two codes or more and nothing else."""
    found = {}
    for column, counted in counts.items():
        codes = {code for code in counted if code is not None}
        if column in named or (len(codes) > 1 and ISO_CODES.issuperset(codes)):
            found[column] = counted
    return found


def _code(text: str | None) -> str | None:
    """What a cell of a currency column names; a sign stands for its usual currency."""
    bare = (text or "").strip(BLANKS).upper()
    if bare.lower() in NULL_LIKE:
        return None
    found = currency_of(bare) or bare
    return usual(found)


def refuse_marks(marks: tuple[str, ...], name: str) -> None:
    """Raises InputError when the amounts themselves bear the signs of several currencies."""
    if len(marks) > 1:
        raise InputError(
            marked(
                "{place}: the amounts bear the marks of {count} currencies ({marks})",
                place=name,
                count=len(marks),
                marks=", ".join(marks[:6]),
            ),
            hint="convert them to one currency, or choose one with --where",
            code="several_currencies",
        )


def codes_of(texts: Mapping[str | None, int]) -> dict[str | None, int]:
    """Count records by currency, null for none, from counts of the texts that name one."""
    found: Counter[str | None] = Counter()
    for text, n in texts.items():
        found[_code(text)] += n
    return dict(found)


def check_counts(
    currencies: Mapping[str, Mapping[str | None, int]],
    marks: tuple[str, ...],
    name: str,
    converted: str | None = None,
    remedy: str | None = None,
) -> list[Notice]:
    """Raises InputError when records without a fate are in several currencies, or when the signs in the amounts
    contradict the column. A notice counts those that name none. `currencies`: column -> currency -> records.
    `converted`: a column whose name says that its amounts are in one currency; `remedy`: what else to do."""
    notices: list[Notice] = []
    for column, counted in currencies.items():
        found = sorted(code for code in counted if code is not None)
        if len(found) > 1:
            raise InputError(
                marked(
                    "{place}: amounts are in {count} currencies ({codes}), says {column}",
                    place=name,
                    count=len(found),
                    codes=", ".join(found[:6]),
                    column=column,
                ),
                hint=remedy or _remedy(column, found, currencies, converted),
                code="several_currencies",
            )
        if found and len(currencies) == 1:
            _refuse_contradiction(marks, column, found[0], name)
            missing = counted.get(None, 0)
            if missing:
                message = marked(
                    "{records} without a currency in {column}, taken to be in {currency}; --where leaves them out",
                    records=records(missing), column=column, currency=found[0],
                )  # fmt: skip
                notices.append(Notice("no_currency", message))
    return notices


def one_of(currencies: Mapping[str, Iterable[str | None]], marks: tuple[str, ...]) -> str | None:
    """The currency of all amounts, where check_counts let them pass: the code of its column, else the mark that the
    amounts bear; None where nothing says it."""
    codes = {code for counted in currencies.values() for code in counted if code is not None}
    if codes:
        return codes.pop() if len(codes) == 1 else None
    return marks[0] if len(marks) == 1 else None


def _remedy(column: str, found: list[str], currencies: Mapping[str, object], converted: str | None) -> str:
    if converted is not None:
        return marked("the amounts in one currency: --amount {quote}", quote=shlex.quote(converted))
    if len(currencies) > 1:
        other = next(c for c in currencies if c != column)
        return marked(
            "--currency names the column of these amounts, like --currency {other}; or choose one with --where",
            other=other,
        )
    named = quoted(column).replace('"', '\\"')
    return marked(
        "choose one: --where \"{named} = '{found}'\", or convert them with --amount", named=named, found=found[0]
    )


def converted_of(columns: Iterable[str], amount: str) -> str | None:
    """The column other than `amount` whose name says that its amounts are converted to one currency."""
    return next((c for c in columns if c != amount and CONVERTED.search(c)), None)


def _refuse_contradiction(marks: tuple[str, ...], column: str, code: str, name: str) -> None:
    if marks and len(code) == 3 and code not in means(marks[0]):
        raise InputError(
            marked(
                "{place}: the amounts bear the mark {mark}, but {column} says {code}",
                place=name,
                mark=marks[0],
                column=column,
                code=code,
            ),
            hint="--currency names another column, or leave the wrong records out with --where",
            code="several_currencies",
        )
