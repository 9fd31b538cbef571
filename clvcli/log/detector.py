"""Which encoding a text has that is no UTF-8: every candidate that decodes it is held against the text it gives.

A word is likely in a language where its letters have the neighbours that they have in the language's names of places,
peoples, currencies and months (Unicode CLDR, by way of Babel). A file is as likely as its words in the languages of an
encoding. charset-normalizer 3.5 finds none for Polish names in cp1250 and takes cp1252 for cp1250: columns of names are
short.
"""

import re
import unicodedata
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

from clvcli.log.names import USUAL

MOST_BYTES = 1 << 16
BEFORE = 64
"""Bytes of a line that are looked at before the first one beyond ASCII: a letter's first byte is never one of ASCII."""
MOST_WORDS = 400
SURE = 4.0
"""The best candidate is by so much likelier (ln) than one that reads something else and need not be named."""
WEST = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "fi", "is", "ca")
CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq")
LANGUAGES = {
    "cp1252": WEST, "cp1250": CENTRAL, "cp1251": ("ru", "uk", "bg", "sr", "be", "mk"), "cp1254": ("tr", "az"),
    "cp1253": ("el",), "cp1255": ("he",), "cp1256": ("ar", "fa"), "cp1257": ("lt", "lv", "et"),
    "cp874": ("th",), "cp932": ("ja",), "euc_jp": ("ja",), "euc_kr": ("ko",), "gb18030": ("zh",), "big5": ("zh_Hant",),
    "iso8859_2": CENTRAL, "koi8_r": ("ru",),
}  # fmt: skip
RARE = {"iso8859_2": 4.0, "koi8_r": 4.0, "cp874": 2.0, "cp1257": 1.0}
"""How much less likely (ln) an encoding is before anything is read: few programs still write it."""
COMMON = {
    "de": 2.0, "fr": 2.0, "es": 2.0, "it": 1.5, "pt": 1.0, "ru": 1.0, "pl": 1.0, "cs": 1.0, "hu": 1.0, "he": 1.0,
    "is": -2.0, "ca": -2.0, "sq": -1.0, "az": -1.0,
}  # fmt: skip
"""How much more likely (ln) a language is."""
EAST = {"ja": "shift_jis", "ko": "euc_kr", "zh": "gb2312", "zh_Hant": "big5"}
"""The standard of the usual letters of a language that has thousands."""
FIRST_LEVEL = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift_jis": (0x88, 0x97), "euc_kr": (0xB0, 0xC8)}
"""First bytes of its usual letters."""
THOUSANDS, KANA = 3000, 100
SIGNS = "\u00a0€£°§«»„”“’–…№®•，。、；：（）￥「」・ー"
SIGN, STRANGE = log(1e-3), log(1e-6)
ODD_CASE, TWO_SCRIPTS = log(1e-3), log(1e-6)
SEEN = 0.85
"""Part of what follows a letter that has been seen to follow it; the rest goes by how frequent each letter is."""
NEEDS = {
    "cp1251": "аеёиоуыэюяіїє", "koi8_r": "аеёиоуыэюя", "cp1253": "άέήίόύώΐΰ",
}  # fmt: skip
NEEDLESS, LACKS = 3, log(1e-2)
"""Longer words than NEEDLESS letters have a vowel, Greek ones an accent."""
EDGE = " "
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
WORD = re.compile(r"(?:[a-zA-Z]|[^\x00-\x7f])+")
"""Letters, and whatever an encoding makes of the other bytes of a word."""


@dataclass(frozen=True)
class Letters:
    """Of a language: how often each letter follows another one, and how often it is there at all."""

    pairs: Mapping[tuple[str, str], int]
    before: Mapping[str, int]
    single: Mapping[str, int]
    whole: int
    standard: str | None

    def follows(self, letter: str, other: str) -> float:
        """The probability of a letter behind another one."""
        seen = self.pairs.get((other, letter), 0) / self.before[other] if other in self.before else 0.0
        return SEEN * seen + (1 - SEEN) * self.alone(letter)

    def alone(self, letter: str) -> float:
        """The probability of a letter."""
        kana = self.standard == "shift_jis" and "\u3040" <= letter <= "\u30ff"
        usual = self.standard is not None and _usual(letter, self.standard)
        rare = 1 / KANA if kana else 1 / THOUSANDS if usual else 1e-6
        return 0.9 * self.single.get(letter, 0) / self.whole + 0.1 * rare


@cache
def letters_of(language: str) -> Letters:
    """Counted in the names of the CLDR; of languages with thousands of letters in the names of columns too."""
    words = [word for text in _names(language) for word in WORD.findall(text.lower())]
    pairs: Counter[tuple[str, str]] = Counter(p for word in words for p in pairwise(f"{EDGE}{word}{EDGE}"))
    before: Counter[str] = Counter()
    for (first, _), n in pairs.items():
        before[first] += n
    single = Counter(c for word in words for c in f"{word}{EDGE}")
    return Letters(pairs, before, single, single.total(), EAST.get(language))


def _names(language: str) -> Iterable[str]:
    from babel import Locale

    locale = Locale.parse(language)
    found = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
    found += [name for kind in (locale.months, locale.days) for style in kind["format"].values() for name in
              style.values()]  # fmt: skip
    own = {c for name in found for c in str(name) if c > "\u0370"}
    found += [word for tiers in USUAL.values() for tier in tiers for word in tier.split() if own.intersection(word)]
    # The byte encodings have Romanian letters with a cedilla, and Arabic ones for Persian.
    return [str(name).translate(str.maketrans("șțȘȚی", "şţŞŢى")) for name in found]


@cache
def _usual(letter: str, standard: str) -> bool:
    """Whether a letter is of the first level of a standard."""
    first, last = FIRST_LEVEL[standard]
    try:
        return first <= letter.encode(standard)[0] <= last
    except UnicodeEncodeError:
        return False


def likely(raw: bytes) -> list[tuple[str, str]]:
    """The best encoding and a piece of text as it reads, then others nearly as good that read otherwise; none where
    none reads well."""
    sample = _beyond_ascii(raw)
    found: dict[str, tuple[float, str]] = {}
    for codec in LANGUAGES:
        try:
            text = getincrementaldecoder(codec)().decode(sample)  # The sample may end within a letter.
        except UnicodeDecodeError:
            continue
        score, least = likelihood(text, codec)
        if score > least:
            told = score - RARE.get(codec, 0.0)
            before, same = found.get(text, (told, codec))
            found[text] = max(told, before), same
    best = sorted(((score, codec, text) for text, (score, codec) in found.items()), reverse=True)
    return [(codec, _piece(text)) for score, codec, text in best if score >= best[0][0] - SURE][:3]


def _beyond_ascii(raw: bytes) -> bytes:
    """The first lines that are no ASCII, each from shortly before the byte that is none."""
    sample = bytearray()
    for line in raw.split(b"\n"):
        if (found := BEYOND_ASCII.search(line)) is not None:
            sample += line[max(0, found.start() - BEFORE) : found.start() + MOST_BYTES] + b"\n"
            if len(sample) >= MOST_BYTES:
                break
    return bytes(sample[:MOST_BYTES])


def likelihood(text: str, codec: str) -> tuple[float, float]:
    """ln of the probability of what is beyond ASCII, and what it is at least in a text that reads well."""
    words = Counter(word for word in WORD.findall(text) if not word.isascii())
    some = dict(words.most_common(MOST_WORDS))
    lacks = {word: LACKS if _lacks(word, NEEDS.get(codec, "")) else 0.0 for word in some}
    by_language = [{w: _word(w, letters_of(name)) + lacks[w] for w in some} for name in LANGUAGES[codec]]
    totals = [sum(n * told[w] for w, n in some.items()) for told in by_language]
    usual = [COMMON.get(name, 0.0) for name in LANGUAGES[codec]]
    first = max(range(len(totals)), key=lambda i: totals[i] + usual[i])
    score = usual[first]
    for word, n in some.items():
        # Most words are of one language; those of its neighbours stand among them.
        score += n * max(by_language[first][word], max(told[word] for told in by_language) - 2.0)
    least = -NOISE * sum(n * (len(word.encode(codec)) + 1) for word, n in some.items())
    return score, least


NOISE = 6.5
"""ln of the probability of a letter in what is no text."""


def _word(word: str, letters: Letters) -> float:
    """ln of the probability of a word."""
    found, before, lower = 0.0, EDGE, word.lower()
    for letter in lower:
        if letter.isalpha() or unicodedata.combining(letter) or letter in letters.single:
            found += log(letters.follows(letter, before))
            before = letter
        else:
            found += SIGN if letter in SIGNS else STRANGE
            before = EDGE
    found += log(letters.follows(EDGE, before)) if before != EDGE else 0.0
    odd = any(b.isupper() and not b.isascii() for b in word[1:])
    latin = {c.isascii() or "\u00c0" <= c <= "\u024f" for c in word if c.isalpha()}
    return found + ODD_CASE * odd + TWO_SCRIPTS * (len(latin) == 2)


def _lacks(word: str, needed: str) -> bool:
    return bool(needed) and len(word) >= NEEDLESS and not word.isupper() and not set(needed) & set(word.lower())


def _piece(text: str) -> str:
    """A word or two with characters beyond ASCII."""
    line = next(line for line in text.split("\n") if not line.isascii())
    at = next(i for i, c in enumerate(line) if not c.isascii())
    return line[max(0, at - 8) : at + 16].strip()
