"""Dates with words: months, days of the week, halves of the day and zones of many languages as English and numbers.

Names come from the Unicode CLDR by way of Babel; what people write beside those is listed here.
"""

import re
from functools import cache

import polars as pl

from clvcli.log.amounts import INVISIBLE, SPACES

LANGUAGES = (
    "en", "de", "de_AT", "fr", "es", "pt", "it", "pl", "ru", "uk", "tr", "ar", "ar_SY", "ar_MA", "ar_DZ", "he", "fa",
    "nl", "sv", "da", "nb", "cs", "hu", "ro", "el", "th",
)  # fmt: skip
SHORT = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ALSO = {
    "fev": 2, "févr": 2, "mär": 3, "maerz": 3, "mrz": 3, "avr": 4, "juil": 7, "août": 8, "aout": 8, "sept": 9,
    "déc": 12, "ene": 1, "abr": 4, "ago": 8, "set": 9, "dic": 12, "out": 10, "dez": 12, "okt": 10, "gen": 1,
    "mag": 5, "giu": 6, "lug": 7, "sett": 9, "ott": 10, "sty": 1, "lut": 2, "kwi": 4, "maj": 5, "cze": 6, "lip": 7,
    "sie": 8, "wrz": 9, "paz": 10, "paź": 10, "lis": 11, "gru": 12, "мая": 5, "май": 5, "сент": 9, "нояб": 11,
    "oca": 1, "şub": 2, "nis": 4, "haz": 6, "tem": 7, "agu": 8, "ağu": 8, "eyl": 9, "eki": 10, "kas": 11, "ara": 12,
    "june": 6, "july": 7, "jänner": 1, "setiembre": 9, "marco": 3, "fevereiro": 2,
}  # fmt: skip
AM = ("午前", "上午", "오전", "صباحا", "ص", "ق.ظ.", "ق.ظ", "לפנה״צ", 'לפנה"צ', "öö", "vorm", "vorm.", "fm", "fm.")
PM = ("午後", "下午", "오후", "مساء", "م", "ب.ظ.", "ب.ظ", "אחה״צ", 'אחה"צ', "ös", "nachm", "nachm.", "em", "em.")
ZONES = {
    "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540,
    "AKDT": -480, "HST": -600, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "WET": 0,
    "WEST": 60, "MSK": 180, "МСК": 180, "TRT": 180, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "ACST": 570,
    "AWST": 480, "NZST": 720, "NZDT": 780, "SGT": 480, "HKT": 480, "PKT": 300, "BRT": -180, "ART": -180, "WIB": 420,
    "SAST": 120, "GST": 240,
}  # fmt: skip
"""Minutes ahead of UTC."""
SEVERAL_ZONES = {
    "CST": ("America/Chicago", "Asia/Shanghai"), "IST": ("Asia/Kolkata", "Asia/Jerusalem"),
    "BST": ("Europe/London", "Asia/Dhaka"), "AST": ("America/Halifax", "Asia/Riyadh"),
}  # fmt: skip
"""Words that name several zones."""
LAST_WORD = r"[0-9]:[0-9.:]*[0-9] ?([A-Z]{3,4})$"
SEVERAL = re.compile(rf"(?<=[0-9MZmz]) ?\b(?:{'|'.join(SEVERAL_ZONES)})\b")
FILLERS = r"\b(?:de|del|di|den|des|of|le|el|the|г|года|року|ngày|tháng|năm|วันที่|พ\.ศ\.)\b\.?"
USUAL = (
    r"(?i)\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|"
    r"sun(?:day)?|[ap]m|[0-9]{1,2}(?:st|nd|rd|th)|utc|gmt|at|of|t|z)\b|[0-9]T[0-9]|[0-9]Z$|[0-9] ?[ap]\.?m\b\.?"
)
"""Words of dates that need no translation."""
LONGEST = 200
"""What has more characters is no date: to take its words apart may take quadratic time."""
CTIME = re.compile(
    r"^(?:[^\W\d_]+,? )?([^\W\d_]+) +([0-9]{1,2}) ([0-9:.]+(?: [AP]M)?) ?(\S+)? ([0-9]{4})$", re.IGNORECASE
)
EAST = re.compile(r"([0-9]{4}) ?[年년] ?([0-9]{1,2}) ?[月월] ?([0-9]{1,2}) ?[日号일]")
EAST_TIME = re.compile(r"([0-9]{1,2}) ?[时時시点] ?([0-9]{1,2}) ?[分분]? ?(?:([0-9]{1,2}) ?[秒초])?")


def translated(texts: pl.Series) -> pl.Series:
    """The dates with every word in English, offsets for zones, digits 0 to 9; those without words as they are."""
    texts = _with_offsets(texts)
    bare = texts.str.replace_all(USUAL, "")
    odd = bare.str.contains(r"\p{L}|[^\x00-\x7f]") | texts.str.contains(r"[(]|[0-9]:[0-9]{2}.* [0-9]{4}$")
    if not odd.any():
        return texts
    # Loading the names of all months takes longer than reading a small log: what has no digit is no date.
    odd &= texts.str.contains(r"\d") & (texts.str.len_chars() <= LONGEST)
    words = texts.filter(odd.fill_null(False)).unique()
    read = [_english(text) for text in words.to_list()]
    return texts.replace_strict(words, read, default=texts, return_dtype=pl.String)


def _with_offsets(texts: pl.Series) -> pl.Series:
    """Times that end in the word of a zone with its offset: there may be as many of them as records."""
    found = texts.str.extract(LAST_WORD, 1).drop_nulls().unique()
    for word in found.filter(found.is_in(list(ZONES))).to_list():
        texts = texts.str.replace(rf"^([\x00-\x7f]*[0-9]) ?{word}$", f"${{1}} {_offset(ZONES[word])}")
    return texts


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zones_among(texts: pl.Series) -> tuple[str, tuple[str, str]] | None:
    """A word in the texts that names several zones, and two of them."""
    for word, zones in SEVERAL_ZONES.items():
        if texts.str.contains(rf"[0-9] ?(?:[AaPp]\.?[Mm]\.?)? {word}\b").any():
            return word, zones
    return None


def _english(text: str) -> str:
    plain = plain_digits(text)
    plain = re.sub(r"\s*\([^0-9]*\)\s*", " ", plain).strip()
    if re.search("[年月日년월일时時시]", plain):
        plain = EAST_TIME.sub(lambda m: f" {m[1]}:{int(m[2]):02}" + (f":{int(m[3]):02}" if m[3] else ""), plain)
        plain = EAST.sub(r"\1-\2-\3 ", plain)
        plain = re.sub(r"[月火水木金土日]曜日?|(?:星期|周|週)[一二三四五六日天]", " ", plain)
    plain = _half_of_day(plain)
    plain = _zone(SEVERAL.sub("", plain))
    plain = re.sub(FILLERS, " ", plain, flags=re.IGNORECASE)
    plain = _names().sub(_one_name, plain) if re.search(r"[^\W\d_]{2}|[^\x00-\x7f]", plain) else plain
    plain = re.sub(r"\s+", " ", re.sub(r"\s+([.,])", r"\1", plain)).strip(" ,.")
    if found := CTIME.match(plain):
        month, day, clock, zone, year = found.groups()
        plain = f"{month} {day} {year} {clock}" + (f" {zone}" if zone else "")
    return plain


def plain_digits(text: str) -> str:
    """Digits of any script as 0 to 9, any blank as one, no marks of direction."""
    plain = text.translate({**INVISIBLE, **dict.fromkeys(map(ord, SPACES), " "), 0x654: None, 0x60C: ","})
    return "".join(str(int(c)) if not c.isascii() and c.isdecimal() else c for c in plain)


def _half_of_day(text: str) -> str:
    if re.search(r"[0-9]\s*[ap]\.?\s?m\b\.?", text, re.IGNORECASE):
        return re.sub(r"([0-9])\s*([ap])\.?\s?m\b\.?", r"\1 \2m", text, count=1, flags=re.IGNORECASE)
    for words, half in ((AM, "AM"), (PM, "PM")):
        for word in words:
            found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)\s*|{word}(?=[0-9])" if not word.isascii()
                              else rf"(?<=[0-9]) ?{re.escape(word)}(?!\w)", text, re.IGNORECASE)  # fmt: skip
            if found and ":" in text:
                rest = (text[: found.start()] + " " + text[found.end() :]).strip()
                return re.sub(r"([0-9]{1,2}:[0-9:.]+)", rf"\1 {half}", rest, count=1)
    return text


def _zone(text: str) -> str:
    found = re.search(r"(?<=[0-9MZmz ]) ?\b([A-ZМСК]{3,4})\b(?![+-])", text)
    if found is None or found[1] not in ZONES or ":" not in text[: found.start()]:
        return text
    return f"{text[: found.start()].rstrip()} {_offset(ZONES[found[1]])}{text[found.end() :]}"


@cache
def _words() -> dict[str, str]:
    """Name, in lower case and without a dot at its end -> English month, or nothing for a day of the week."""
    from babel.dates import get_day_names, get_month_names

    found: dict[str, str] = {}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    if not any(c.isdigit() for c in name):
                        found.setdefault(name.lower().rstrip("."), SHORT[number])
                for name in get_day_names(width, context, language).values():
                    found.setdefault(name.lower().rstrip("."), "")
    for name, number in ALSO.items():
        found.setdefault(name, SHORT[number])
    hebrew = {f"ב{name}": word for name, word in found.items() if "א" <= name[0] <= "ת"}
    return {name: word for name, word in {**hebrew, **found}.items() if len(name) > 1}


@cache
def _names() -> re.Pattern[str]:
    words = sorted(_words(), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, words))})(?![^\W\d_])", re.IGNORECASE)


def _one_name(found: re.Match[str]) -> str:
    return _words()[found[0].lower()]
