"""Ids that may not be what they look like. They are named and counted, never changed or merged."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import both, enumerated, marked, several
from clvcli.log.remedies import literal, where

_WORDS = (
    "(not_set) - -- --- -1 . ? 0 00 000 0000 00000 000000 9999 99999 999999 9999999 99999999 admin anon "
    "anonym anonyme anonymous anonymus anonimo anónimo bar_kunde bar_verkauf cash cash_customer cash_sale "
    "consumidor_final contado customer default desconocido divers diverse dummy empty false gast gesamt "
    "grand_total guest guest_checkout guest_customer guests inconnu inf invitado invité kasse lauf_kunde "
    "lauf_kundschaft misc n.a n.a. no_customer no_customer_id no_id no_name nobody not_set onbekend ospite "
    "other passant pos public sub_total sum summe tbd test test_customer test_user total totals true "
    "unassigned unbekannt unknown unregistered user various walk_in walk_in_customer walk-in_customer xxx xxxx zzz"
)
PLACEHOLDERS = frozenset(word.replace("_", joint) for word in _WORDS.split() for joint in ("_", " ", "-", ""))
"""What systems write for `nobody in particular`, in lower case; `_` stands for any way to join two words."""
NOBODYS_MAIL = r"^(?:guest|gast|test|no-?reply|no|none|null|nobody|anonymous|unknown|dummy|fake)[0-9]*@"
INVISIBLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u3000\ufffd]"
IN_A_RUN = 3
"""So many of the six numbers next to it are customers where a number counts on."""
LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
SCIENTIFIC = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}$"
SHORT_SCIENTIFIC = len("1E999")
BEYOND_PLAIN = "[^0-9A-Za-z_-]"
"""Most suspicions need such a character, and few ids have one."""
ASCII = r"^[\x00-\x7f]*$"
MOJIBAKE = "Ã[\u0080-\u00bf]|â€|\ufffd"


MESSAGES = {
    "placeholder_ids": marked("stand for no customer in particular; leave them out with --where"),
    "float_ids": marked("are written like amounts: a program took them for numbers; export ids as text"),
    "scientific_ids": marked("are numbers cut to a few digits, several customers may share one; export ids as text"),
    "formula_ids": marked("bear the marks that Excel puts around text; export ids as they are"),
    "invisible_characters": marked("hold blanks or characters that cannot be seen, within or at their ends"),
    "damaged_text": marked("hold signs of a wrong encoding; export as UTF-8"),
}
VARIANTS = {
    "unicode_variants": marked("differ only in the form of their characters or in invisible ones"),
    "case_variants": marked("differ only in case"),
    "leading_zeros": marked("differ only in leading zeros"),
}
SHOWN = 3


@dataclass(frozen=True)
class Flagged:
    """Ids of one suspicion: how many, their records, and of at most SHOWN id and records, those with the most first."""

    customers: int
    lines: int
    first: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, hit: pl.DataFrame) -> "Flagged":
        """The finding of customers and their lines. `hit`: customer, lines."""
        first = hit.select("customer", "lines").sort("lines", "customer", descending=[True, False]).head(SHOWN)
        return cls(hit.height, int(hit["lines"].sum()), tuple(first.iter_rows()))

    def notice(self, code: str) -> Notice:
        """The warning of this finding. `code`: of MESSAGES."""
        examples = enumerated([repr(name) for name, _ in self.first])
        told = MESSAGES[code]
        if code == "placeholder_ids" and self.customers <= len(self.first):
            listed = ", ".join(literal(name) for name, _ in self.first)
            option = where(f"\2customer NOT IN ({listed})")
            told = marked("stand for no customer in particular; leave them out: {option}", option=option)
        message = several(
            "{n:d} customer id ({lines:d} records), like {examples}, {told}",
            "{n:d} customer ids ({lines:d} records), like {examples}, {told}",
            self.customers, lines=self.lines, examples=examples, told=told,
        )  # fmt: skip
        return Notice(code, message)


def suspicious_ids(ids: pl.DataFrame) -> list[Notice]:
    """`ids`: customer (String, distinct, no null) and lines (records of each)."""
    if not ids.height:
        return []
    odd = suspicious(ids)
    return [found.notice(code) for code, found in flagged(ids, odd).items()] + _variants(ids, odd)


def suspicious(ids: pl.DataFrame) -> pl.DataFrame:
    """The ids with a character that most suspicions need."""
    return ids.filter(pl.col("customer").str.contains(BEYOND_PLAIN))


def flagged(ids: pl.DataFrame, odd: pl.DataFrame) -> dict[str, Flagged]:
    """What is said of single ids, by code. `odd`: see suspicious."""
    name = pl.col("customer")
    short = ids.filter(name.str.len_bytes() <= SHORT_SCIENTIFIC)
    hits = {
        "placeholder_ids": pl.concat([
            _placeholders(ids), odd.filter(name.str.to_lowercase().str.contains(NOBODYS_MAIL))
        ]),
        "float_ids": odd.filter(name.str.contains(r"^-?[0-9]+[.,]0+$|^[0-9]{1,3}(?:,[0-9]{3})+$")),
        "scientific_ids": pl.concat([odd, short]).unique().filter(name.str.contains(SCIENTIFIC)),
        "formula_ids": odd.filter(name.str.contains("""^(?:="|')""")),
        "invisible_characters": odd.filter(name.str.contains(INVISIBLE)),
        "damaged_text": odd.filter(name.str.contains(MOJIBAKE)),
    }  # fmt: skip
    return {code: Flagged.of(hit) for code, hit in hits.items() if hit.height}


def _placeholders(ids: pl.DataFrame) -> pl.DataFrame:
    """Few ids have the looks of one: those are put into lower case and compared."""
    short = pl.col("customer").str.len_chars() <= LONGEST_PLACEHOLDER
    near = ids.filter(short & pl.col("customer").str.contains("^(?:[^0-9]+|[09]+|-1)$"))
    found = near.filter(pl.col("customer").str.to_lowercase().is_in(list(PLACEHOLDERS)))
    numbers = found.filter(pl.col("customer").str.contains("^[0-9]{1,18}$"))
    return found if numbers.is_empty() else found.filter(~pl.col("customer").is_in(_in_a_run(numbers, ids)))


def _in_a_run(numbers: pl.DataFrame, ids: pl.DataFrame) -> list[str]:
    """Those of the numbers that stand in a run: the numbers around them are customers too. 0 begins one."""
    names = pl.col("customer")
    near = {n: {str(int(n) + step) for step in (-3, -2, -1, 1, 2, 3)} for n in numbers["customer"] if str(int(n)) == n}
    wanted = sorted(set[str]().union(*near.values())) if near else []
    there = set(ids.filter(names.is_in(wanted))["customer"])
    return [n for n, around in near.items() if len(there & around) >= (2 if n == "0" else IN_A_RUN)]


def _variants(ids: pl.DataFrame, odd: pl.DataFrame) -> list[Notice]:
    """Ids that differ only in case, in Unicode form or in leading zeros: they stay separate customers."""
    lower = ids["customer"].str.to_lowercase()
    cased = (lower != ids["customer"]).any() and (ids["customer"].str.to_uppercase() != ids["customer"]).any()
    found = []
    for kind in kinds_of(has_foreign(odd), cased, has_zeros(ids)):
        keyed = with_keys(ids, kind)
        hit = keyed.filter(pl.col("key").is_duplicated())
        if hit.height:
            first = hit.filter(pl.col("key") == pl.col("key").min()).sort("customer")["customer"]
            found.append(variants_notice(kind, hit.height, first.head(2).to_list()))
    return found


def has_foreign(odd: pl.DataFrame) -> bool:
    """Whether an id holds a character beyond ASCII. `odd`: see suspicious."""
    return bool((~odd["customer"].str.contains(ASCII)).any())


def has_zeros(ids: pl.DataFrame) -> bool:
    """Whether an id begins with 0."""
    return bool(ids["customer"].str.starts_with("0").any())


def kinds_of(foreign: bool, cased: bool, zeros: bool) -> tuple[str, ...]:
    """The variants that there can be: `cased` when some ids have capitals and some have not only such."""
    there = dict(zip(VARIANTS, (foreign, cased, zeros), strict=True))
    return tuple(kind for kind, may_be in there.items() if may_be)


def with_keys(ids: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The ids that can have such variants, with `key`: the same for those that differ in nothing else."""
    name = pl.col("customer")
    if kind == "case_variants":
        return ids.with_columns(key=name.str.to_lowercase())
    if kind == "leading_zeros":
        return ids.filter(name.str.contains("^[0-9]+$")).with_columns(key=name.str.strip_chars_start("0"))
    foreign = ids.filter(~name.str.contains(ASCII))
    plain = foreign.with_columns(key=name.map_elements(_usual_form, return_dtype=pl.String))
    return pl.concat([plain, ids.filter(name.str.contains(ASCII)).with_columns(key=name)])


def variants_notice(kind: str, customers: int, examples: Sequence[str]) -> Notice:
    """`customers`: ids that have a variant; `examples`: two of them."""
    message = marked(
        "{n:d} customer ids {alike}, like {examples}; they are taken as different customers",
        n=customers, alike=VARIANTS[kind], examples=both([repr(name) for name in examples]),
    )  # fmt: skip
    return Notice(kind, message)


LOOKALIKES = str.maketrans(
    "АВСЕНІЈКМОРЅТХУасеіјорѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‐‑‒–—−’‘", "ABCEHIJKMOPSTXYaceijopsxyABEZHIKMNOPTYXo------''"
)
"""Cyrillic and Greek letters that look like Latin ones; dashes and quotes that look like the plain ones."""


def _usual_form(text: str) -> str:
    """One form for what looks the same: composed characters, no invisible ones, no blanks at the ends."""
    composed = unicodedata.normalize("NFKC", text).translate(LOOKALIKES)
    return "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Cc"}).strip()
