"""Ids that may not be what they look like. They are named and counted, never changed or merged."""

import unicodedata

import polars as pl

from clvcli.errors import Notice

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
LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
SCIENTIFIC = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}$"
SHORT_SCIENTIFIC = len("1E999")
BEYOND_PLAIN = "[^0-9A-Za-z_-]"
"""Most suspicions need such a character, and few ids have one."""
ASCII = r"^[\x00-\x7f]*$"
MOJIBAKE = "Ã[\u0080-\u00bf]|â€|\ufffd"


def suspicious_ids(ids: pl.DataFrame) -> list[Notice]:
    """`ids`: customer (String, distinct, no null) and lines (records of each)."""
    if not ids.height:
        return []
    name = pl.col("customer")
    odd = ids.filter(name.str.contains(BEYOND_PLAIN))
    short = ids.filter(name.str.len_bytes() <= SHORT_SCIENTIFIC)
    flagged = {
        "placeholder": pl.concat([_placeholders(ids), odd.filter(name.str.to_lowercase().str.contains(NOBODYS_MAIL))]),
        "floating": odd.filter(name.str.contains(r"^-?[0-9]+[.,]0+$|^[0-9]{1,3}(?:,[0-9]{3})+$")),
        "scientific": pl.concat([odd, short]).unique().filter(name.str.contains(SCIENTIFIC)),
        "invisible": odd.filter(name.str.contains(INVISIBLE)),
        "formula": odd.filter(name.str.contains("""^(?:="|')""")),
        "mojibake": odd.filter(name.str.contains(MOJIBAKE)),
    }
    texts = {
        "placeholder": ("placeholder_ids", "stand for no customer in particular; leave them out with --where"),
        "floating": ("float_ids", "are written like amounts: a program took them for numbers; export ids as text"),
        "scientific": (
            "scientific_ids",
            "are numbers cut to a few digits, several customers may share one; export ids as text",
        ),
        "formula": ("formula_ids", "bear the marks that Excel puts around text; export ids as they are"),
        "invisible": ("invisible_characters", "hold blanks or characters that cannot be seen, within or at their ends"),
        "mojibake": ("damaged_text", "hold signs of a wrong encoding; export as UTF-8"),
    }
    found = [_notice(code, flagged[flag], message) for flag, (code, message) in texts.items() if flagged[flag].height]
    return found + _variants(ids, odd)


def _placeholders(ids: pl.DataFrame) -> pl.DataFrame:
    """Few ids have the looks of one: those are put into lower case and compared."""
    short = pl.col("customer").str.len_chars() <= LONGEST_PLACEHOLDER
    near = ids.filter(short & pl.col("customer").str.contains("^(?:[^0-9]+|[09]+|-1)$"))
    return near.filter(pl.col("customer").str.to_lowercase().is_in(list(PLACEHOLDERS)))


def _notice(code: str, hit: pl.DataFrame, message: str) -> Notice:
    examples = ", ".join(
        repr(name) for name in hit.sort("lines", "customer", descending=[True, False])["customer"].head(3)
    )
    noun = "customer id" if hit.height == 1 else "customer ids"
    return Notice(code, f"{hit.height} {noun} ({hit['lines'].sum()} records), like {examples}, {message}")


def _variants(ids: pl.DataFrame, odd: pl.DataFrame) -> list[Notice]:
    """Ids that differ only in case, in Unicode form or in leading zeros: they stay separate customers."""
    found = []
    foreign = odd.filter(~pl.col("customer").str.contains(ASCII))
    if foreign.height:
        plain = foreign.with_columns(key=pl.col("customer").map_elements(_usual_form, return_dtype=pl.String))
        rest = ids.filter(pl.col("customer").str.contains(ASCII)).with_columns(key=pl.col("customer"))
        found += _alike(
            pl.concat([plain, rest]),
            "unicode_variants",
            "differ only in the form of their characters or in invisible ones",
        )
    lower = ids["customer"].str.to_lowercase()
    if (lower != ids["customer"]).any() and (ids["customer"].str.to_uppercase() != ids["customer"]).any():
        found += _alike(ids.with_columns(key=lower), "case_variants", "differ only in case")
    if ids["customer"].str.starts_with("0").any():
        digits = ids.filter(pl.col("customer").str.contains("^[0-9]+$"))
        trimmed = digits.with_columns(key=pl.col("customer").str.strip_chars_start("0"))
        found += _alike(trimmed, "leading_zeros", "differ only in leading zeros")
    return found


LOOKALIKES = str.maketrans(
    "АВСЕНІЈКМОРЅТХУасеіјорѕхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‐‑‒–—−’‘", "ABCEHIJKMOPSTXYaceijopsxyABEZHIKMNOPTYXo------''"
)
"""Cyrillic and Greek letters that look like Latin ones; dashes and quotes that look like the plain ones."""


def _usual_form(text: str) -> str:
    """One form for what looks the same: composed characters, no invisible ones, no blanks at the ends."""
    composed = unicodedata.normalize("NFKC", text).translate(LOOKALIKES)
    return "".join(c for c in composed if unicodedata.category(c) not in {"Cf", "Cc"}).strip()


def _alike(keyed: pl.DataFrame, code: str, message: str) -> list[Notice]:
    hit = keyed.filter(pl.col("key").is_duplicated())
    if not hit.height:
        return []
    first = hit.sort("key", "customer").filter(pl.col("key") == pl.col("key").first())
    examples = " and ".join(repr(name) for name in first["customer"].head(2))
    return [
        Notice(code, f"{hit.height} customer ids {message}, like {examples}; they are taken as different customers")
    ]
