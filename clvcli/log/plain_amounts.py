"""Amounts that are written as most of their log are -> minor units, in place; the rest is left to `amounts.py`.

Up to fifteen digits tell numbers apart in float64, so that text -> float -> nearest whole unit is exact.
"""

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from clvcli.log.amounts import LARGEST, SPACES, take_apart
from clvcli.log.ids import BLANKS
from clvcli.log.typed import as_text

MOST_DIGITS = 15
SAMPLED = 50


@dataclass(frozen=True)
class Form:
    """What stands `before` and `behind` the digits, the mark of thousands (or none) and the decimal mark."""

    before: str
    behind: str
    group: str
    mark: str

    def pattern(self, decimals: int) -> str:
        """Of what is left when `before` and `behind` are taken off."""
        whole = rf"[0-9]{{1,{MOST_DIGITS - max(decimals, 1)}}}"
        if self.group:
            whole = rf"(?:{whole}|[0-9]{{1,3}}(?:{re.escape(self.group)}[0-9]{{3}}){{1,3}})"
        return rf"^-?{whole}" + (rf"(?:{re.escape(self.mark)}[0-9]{{1,{decimals}}})?$" if decimals else "$")


@dataclass(frozen=True)
class PlainAmounts:
    """A row a value: `units` (Int64) and `plain` (its text with digits, sign and point alone), null where it is left
    to the careful way. `seen`: as in PlainDates."""

    units: pl.Series
    plain: pl.Series
    seen: "Counter[str]"


def form_of(texts: pl.Series, mark: str) -> Form:
    """The form of the first amounts that need more than digits, a sign and the decimal mark to be written."""
    plain = Form("", "", "", mark)
    first = texts.head(SAMPLED).drop_nulls().str.strip_chars(BLANKS + SPACES)
    odd = first.filter(~first.str.contains(plain.pattern(9)))
    if 5 * odd.len() < first.len():
        return plain
    for value in odd.to_list():
        body = take_apart(value)
        if body is None or not body.digits[:1].isdigit() or value.count(body.digits) != 1 or body.negative or body.side:
            continue
        before, _, behind = value.partition(body.digits)
        if re.search(r"[0-9()+-]", before + behind):
            continue
        groups = [c for c in body.digits if not c.isdigit() and c != mark]
        group = groups[0] if groups and len(set(groups)) == 1 else "" if groups else ",.".replace(mark, "")
        return Form(before, behind, group, mark)
    return plain


def plain_amounts(texts: pl.Series, form: Form, decimals: int) -> PlainAmounts:
    """Reads the texts of the form."""
    if texts.head(SAMPLED).str.contains(r"^\s|\s$").any():
        texts = texts.str.strip_chars(BLANKS + SPACES)
    if form.group and decimals > 2:  # 1,234 of the one mark and 1.234 of the other are left to the careful way
        form = Form(form.before, form.behind, "", form.mark)
    core = texts
    if form.before:
        core = pl.select(
            pl.when(texts.str.starts_with(form.before)).then(texts.str.strip_prefix(form.before))
        ).to_series()
    if form.behind:
        core = pl.select(pl.when(core.str.ends_with(form.behind)).then(core.str.strip_suffix(form.behind))).to_series()
    fits = core.str.contains(form.pattern(decimals))
    core = core if fits.all() else pl.select(pl.when(fits).then(core)).to_series()
    marked = core.str.contains(form.mark, literal=True)
    grouped = core.str.contains(form.group, literal=True) if form.group else None
    plain = core
    if grouped is not None:
        plain = plain.str.replace_all(form.group, "", literal=True)
    if form.mark != ".":
        plain = plain.str.replace(form.mark, ".", literal=True)
    number = plain.cast(pl.Float64, strict=False) * 10**decimals
    units = number.round().cast(pl.Int64)
    return PlainAmounts(units, plain, _seen(core, marked, grouped, form, decimals))


def _seen(core: pl.Series, marked: pl.Series, grouped: pl.Series | None, form: Form, decimals: int) -> "Counter[str]":
    """A text for each way of writing, with how many there are."""
    count, with_mark = core.len() - core.null_count(), int(marked.sum())
    if grouped is None:
        open_ones = _open_to_doubt(core, form) if decimals > 2 else 0
        ways = {"1": count - with_mark, f"1{form.mark}1": with_mark - open_ones, f"1{form.mark}111": open_ones}
    else:
        with_group, both = int(grouped.sum()), int((grouped & marked).sum())
        twice = int((core.str.count_matches(form.group, literal=True) > 1).sum()) if with_group else 0
        twice -= (
            int((core.filter(marked & grouped).str.count_matches(form.group, literal=True) > 1).sum()) if both else 0
        )
        g, m = form.group, form.mark
        ways = {
            "1": count - with_mark - with_group + both, f"1{m}1": with_mark - both, f"1{g}111{m}1": both,
            f"1{g}111{g}111": twice, f"1{g}111": with_group - both - twice,
        }  # fmt: skip
    return Counter({form.before + way + form.behind: n for way, n in ways.items() if n})


def _open_to_doubt(core: pl.Series, form: Form) -> int:
    """Texts whose mark stands before exactly three digits, so that it may be one of thousands (see amounts.py)."""
    if core.len() == core.null_count():
        return 0
    return int(core.str.contains(rf"^-?[1-9][0-9]{{0,2}}{re.escape(form.mark)}[0-9]{{3}}$").sum())


def typed_units(values: pl.Series, decimals: int) -> pl.Series:
    """Minor units of numbers that are such by type; null where one needs rounding, is too large or no number."""
    factor, kind = 10**decimals, values.dtype
    column = pl.col(values.name)
    if isinstance(kind, pl.Decimal):
        raw, scale = column.to_physical().cast(pl.Int128), kind.scale
        step = 10 ** max(scale - decimals, 0)
        whole = raw * 10 ** max(decimals - scale, 0) if scale <= decimals else raw // step
        units = pl.when((raw % step == 0) & (whole.abs() <= LARGEST)).then(whole)
    elif kind.is_integer():
        whole = column.cast(pl.Int128) * factor
        units = pl.when(whole.abs() <= LARGEST).then(whole)
    else:
        # Polars multiplies by the reciprocal of a constant: the divisor must not look like one.
        number = column.cast(pl.Float64)
        whole = (number * factor).round()
        exact = (whole / (whole * 0 + factor) == number) & (whole.abs() < 10.0**MOST_DIGITS)
        units = pl.when(exact).then(whole)
    return values.to_frame().select(units.cast(pl.Int64, strict=False)).to_series()


def text_of_typed(values: pl.Series) -> pl.Series:
    """A typed column as text, null where it has none."""
    text = as_text(values.name, values.dtype)
    if text is None:
        return pl.Series(values.name, [None] * values.len(), dtype=pl.String)
    return values.to_frame().select(text).to_series()
