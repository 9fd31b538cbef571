"""Which encoding a text has that is no UTF-8: every candidate that decodes it is held against the text it gives.

charset-normalizer 3.5 finds none for Polish names in cp1250 and takes cp1252 for cp1250: columns of names are short.
"""

import re
from collections import Counter
from functools import cache
from itertools import pairwise

MOST_BYTES = 1 << 16
CLEAR = 0.05
"""By so much the best candidate must be better than the next one that reads something else."""
LETTERS = {
    "cp1252": "äöüßéèêëàâçñáíóúôîïåøæœãõìòùÄÖÜÉÈÀÇÑÁÍÓÚÅØÆãÃ",
    "cp1250": "ąćęłńóśźżčšžřěůťďňľĺŕăâîșţáéíýúőűöüäßĄĆĘŁŃÓŚŹŻČŠŽŘĚŮÁÉÍÖÜŐŰ",
    "cp1254": "ğışçöüĞİŞÇÖÜâîû",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄ",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
    "cp1255": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأإؤئةپچژگ",
}
"""What the languages of an encoding of one byte write beyond ASCII."""
SIGNS = "\u00a0€£°§«»„”“’–…№®•"
WIDE = {"cp932": "[\u3040-\u30ff]", "euc_jp": "[\u3040-\u30ff]", "euc_kr": "[\uac00-\ud7a3]"}
"""What there is of a language in an encoding of two bytes that has it; Chinese ones are told by their usual letters."""
FIRST_LEVEL = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "shift_jis": (0x88, 0x97), "euc_kr": (0xFF, 0xFF)}
"""First bytes of the usual letters."""
HAN = "[\u4e00-\u9fff]"
OTHER_SCRIPTS = ("cp1251", "cp1253", "cp1255", "cp1256")
VOWELS = {"cp1251": "аеёиоуыэюяіїє", "cp1253": "αεηιουωάέήίόύώ"}
WORD = re.compile(r"[^\W\d_]+")


def likely(raw: bytes) -> list[tuple[str, str]]:
    """The best encoding and a piece of text as it reads, then others as good that read otherwise; none where none
    reads well."""
    lines = [line for line in raw[: 1 << 22].split(b"\n") if not line.isascii()]
    sample = b"\n".join(lines)[:MOST_BYTES]
    sample = sample[: sample.rfind(b"\n")] if b"\n" in sample and len(sample) == MOST_BYTES else sample
    found: list[tuple[float, str, str]] = []
    for codec in (*LETTERS, "cp932", "euc_jp", "euc_kr", "gb18030", "big5"):
        try:
            text = sample.decode(codec)
        except UnicodeDecodeError:
            continue
        score = _score(text, codec)
        if score > 0.5 and all(text != other for _, _, other in found):
            found.append((score, codec, text))
    found.sort(key=lambda item: -item[0])
    best = [(codec, _piece(text)) for score, codec, text in found if score >= found[0][0] - CLEAR]
    return best[:3]


def _score(text: str, codec: str) -> float:
    """From 0 to 1: which part of the characters beyond ASCII a language writes there."""
    beyond = Counter(c for c in text if not c.isascii())
    whole = sum(beyond.values())
    if not whole:
        return 0.0
    if codec in LETTERS:
        good = sum(n for c, n in beyond.items() if c in LETTERS[codec] or c in SIGNS)
        odd = sum(_is_odd(word, codec) for word in WORD.findall(text) if not word.isascii())
        return (good - odd) / whole
    return _of_two_bytes(codec, beyond) / whole


def _of_two_bytes(codec: str, beyond: "Counter[str]") -> float:
    han = {c: n for c, n in beyond.items() if re.match(HAN, c)}
    if codec in WIDE:
        own = sum(n for c, n in beyond.items() if re.match(WIDE[codec], c) and not "\uff61" <= c <= "\uff9f")
        return 1.2 * own + sum(n for c, n in han.items() if _usual(c, "shift_jis" if codec != "euc_kr" else "euc_kr"))
    usual = sum(n for c, n in han.items() if _usual(c, "gb2312" if codec == "gb18030" else "big5"))
    return usual + sum(n for c, n in beyond.items() if c in "，。、；：（）￥「」")


@cache
def _usual(letter: str, codec: str) -> bool:
    """Whether a Chinese letter is of the first level of a standard: the usual ones."""
    first, last = FIRST_LEVEL[codec]
    try:
        return first <= letter.encode(codec)[0] <= last
    except UnicodeEncodeError:
        return False


def _is_odd(word: str, codec: str) -> int:
    """Count letters in words that no language of the encoding has: a capital behind a small letter, two
    scripts in one word, a word without a vowel."""
    beyond = sum(not c.isascii() for c in word)
    if any(a.islower() and b.isupper() and not b.isascii() for a, b in pairwise(word)):
        return beyond
    if codec in OTHER_SCRIPTS and beyond < len(word):
        return beyond
    vowels = VOWELS.get(codec)
    return beyond if vowels and len(word) > 3 and not any(c in vowels for c in word.lower()) else 0


def _piece(text: str) -> str:
    """A word or two with characters beyond ASCII."""
    line = next(line for line in text.split("\n") if not line.isascii())
    at = next(i for i, c in enumerate(line) if not c.isascii())
    return line[max(0, at - 8) : at + 16].strip()
