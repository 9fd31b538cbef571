"""Ids that may not be what they look like. They are named and counted, never changed or merged."""

import unicodedata

import polars as pl

from clvcli.errors import Notice

PLACEHOLDERS = frozenset(
    [
        "(not set)", "-", "--", "-1", ".", "0", "00", "000", "0000", "00000", "000000", "9999", "99999",
        "999999", "9999999", "99999999", "?", "admin", "anon", "anonymous", "cash", "customer", "default",
        "dummy", "empty", "false", "gast", "guest", "guest checkout", "guests", "inf", "invitado", "invité",
        "n.a", "n.a.", "no customer", "no id", "not set", "pos", "tbd", "test", "true", "unbekannt",
        "unknown", "user", "walk-in", "walkin", "xxx",
    ]
)  # fmt: skip
INVISIBLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u3000\ufffd]"
MOJIBAKE = "Ã[\u0080-\u00bf]|â€|\ufffd"


def suspicious_ids(ids: pl.DataFrame) -> list[Notice]:
    """`ids`: customer (String, distinct, no null) and lines (records of each)."""
    if not ids.height:
        return []
    folded = pl.col("customer").str.to_lowercase()
    flags = ids.with_columns(
        placeholder=folded.is_in(list(PLACEHOLDERS)),
        floating=pl.col("customer").str.contains(r"^-?[0-9]+\.0+$"),
        scientific=pl.col("customer").str.contains(r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"),
        invisible=pl.col("customer").str.contains(INVISIBLE),
        formula=pl.col("customer").str.contains('^="'),
        mojibake=pl.col("customer").str.contains(MOJIBAKE),
    )
    texts = {
        "placeholder": ("placeholder_ids", "stand for no customer in particular; leave them out with --where"),
        "floating": ("float_ids", "end in .0: a program took them for numbers; export ids as text"),
        "scientific": (
            "scientific_ids",
            "are numbers cut to a few digits, several customers may share one; export ids as text",
        ),
        "formula": ("formula_ids", "are formulas that Excel made of text; export ids as text"),
        "invisible": ("invisible_characters", "hold blanks or characters that cannot be seen, within or at their ends"),
        "mojibake": ("damaged_text", "hold signs of a wrong encoding; export as UTF-8"),
    }
    found = [
        _notice(code, flags.filter(pl.col(flag)), message)
        for flag, (code, message) in texts.items()
        if flags[flag].any()
    ]
    return found + _variants(ids)


def _notice(code: str, hit: pl.DataFrame, message: str) -> Notice:
    examples = ", ".join(
        repr(name) for name in hit.sort("lines", "customer", descending=[True, False])["customer"].head(3)
    )
    noun = "customer id" if hit.height == 1 else "customer ids"
    return Notice(code, f"{hit.height} {noun} ({hit['lines'].sum()} records), like {examples}, {message}")


def _variants(ids: pl.DataFrame) -> list[Notice]:
    """Ids that differ only in case, in Unicode form or in leading zeros: they stay separate customers."""
    found = []
    odd = ids.filter(~pl.col("customer").str.contains(r"^[\x00-\x7f]*$"))
    if odd.height:
        plain = odd.with_columns(key=pl.col("customer").map_elements(_usual_form, return_dtype=pl.String))
        rest = ids.filter(pl.col("customer").str.contains(r"^[\x00-\x7f]*$")).with_columns(key=pl.col("customer"))
        found += _alike(
            pl.concat([plain, rest]),
            "unicode_variants",
            "differ only in the form of their characters or in invisible ones",
        )
    found += _alike(ids.with_columns(key=pl.col("customer").str.to_lowercase()), "case_variants", "differ only in case")
    digits = ids.filter(pl.col("customer").str.contains("^[0-9]+$"))
    if digits.height:
        trimmed = digits.with_columns(key=pl.col("customer").str.strip_chars_start("0"))
        found += _alike(trimmed, "leading_zeros", "differ only in leading zeros")
    return found


def _usual_form(text: str) -> str:
    """One form for what looks the same: composed characters, no invisible ones, no blanks at the ends."""
    composed = unicodedata.normalize("NFKC", text)
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
