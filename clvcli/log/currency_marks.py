"""How amounts name their currency: signs, abbreviations and codes in the scripts in which shops write them.

The codes are those of ISO 4217 that are in use or were since 1999.
"""

import re
from collections.abc import Iterable
from functools import cache

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BEF BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD "
    "CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP "
    "GEL GHS GIP GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF "
    "KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MKD MMK MNT MOP MRU MTL MUR MVR MWK MXN MYR "
    "MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR RWF SAR SBD SCR SDG "
    "SEK SGD SHP SIT SKK SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRL TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL "
)
CODES = frozenset(_CODES.split())
DOLLARS = (
    "USD us u u$s usd|CAD ca c cad can cdn|AUD au a aud|NZD nz nzd|HKD hk hkd|SGD s sg sgd|TWD nt tw twd|"
    "MXN mx mex mxn|BRL r brl|ARS ar ars|CLP cl clp|COP co cop|JMD j ja jmd|TTD tt ttd|XCD ec|BZD bz|FJD fj|NAD n|"
    "BBD bds|UYU uy $u|DOP rd|MOP mop"
)
WRITTEN = (
    "EUR € euro euros eur ευρώ евро|GBP gbp|INR ₹ рупий|CNY rmb 元 人民币|JPY 円 日元|KRW ₩ ￦ 원 won|RUB ₽ руб рублей|"
    'UAH ₴ грн|PLN zł zl złotych|CZK kč kc korun|HUF ft forint|TRY ₺ tl lira|ILS ₪ nis שח ש״ח ש"ח|THB ฿ บาท baht|'
    "VND ₫ đ vnđ|NGN ₦|PHP ₱ php peso|BDT ৳ tk taka|GHS ₵ gh₵ gh¢|CRC ₡|PYG ₲ gs|LAK ₭|MNT ₮|KZT ₸ тг тенге|"
    "GEL ₾ ლ|AMD ֏|AZN ₼ man|BGN лв лева|RSD дин din|HRK kn|BAM km|MKD ден den|IDR rp|MYR rm|ZAR r|PEN s/|PAB b/|"
    "GTQ q|HNL l|KES ksh kshs|TZS tsh tzs|UGX ush|NIO c$d|VES bs.s bss bs.f bsf bs.d|EGP e£ le ج.م|AED د.إ درهم|"
    "KWD د.ك kd|BHD د.ب bd|OMR ر.ع ro|QAR ر.ق qr|SAR ر.س sr ريال|JOD د.أ jd|MAD د.م|DZD د.ج da|TND د.ت dt|IQD د.ع|"
    "LBP ل.ل ll|SYP ل.س|LYD د.ل|YER ر.ي|IRR ریال|IRT تومان toman|DEM dm|BTC ₿ btc xbt|ETH eth|USDT usdt|USDC usdc|"
    "CHF sfr|AFN ؋|ETB br|ZMW k|BYN бел.руб"
)
SIGNS = {
    "$": "USD CAD AUD NZD HKD SGD TWD MXN CLP COP ARS BRL UYU DOP", "£": "GBP GIP FKP EGP LBP SHP", "¥": "JPY CNY",
    "kr": "SEK NOK DKK ISK", "Rs": "INR PKR LKR NPR MUR SCR", "Fr": "CHF XAF XOF FRF", "lei": "RON MDL ROL",
    "Bs": "BOB VES VEF", "р": "RUB BYN", "﷼": "IRR SAR QAR OMR YER", "dh": "AED MAD", "CFA": "XOF XAF", "¢": "GHS",
    "L": "HNL ALL RON", "K": "ZMW PGK MMK MWK", "din": "RSD MKD DZD", "₤": "GBP ITL TRL",
}  # fmt: skip
"""Signs of several currencies, the usual one first."""
SPELLED = {
    "¥": "¥ ￥ yen yuan", "£": "£ ￡ pound pounds", "$": "$ ＄ ﹩ dollar dollars dólares", "kr": "kr kr. крон kronor",
    "Rs": "rs rs. ₨ rupees रु", "Fr": "fr fr. frs", "lei": "lei leu лей", "Bs": "bs", "р": "р р.", "﷼": "﷼",
    "dh": "dh dhs", "CFA": "cfa fcfa xcfa", "¢": "¢", "L": "l", "K": "k", "din": "din", "₤": "₤",
}  # fmt: skip
_NO_CENTS = "BIF CLP DJF GNF HUF IDR ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF CFA ¥"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
WITHOUT_CENTS, OF_THOUSANDTHS = frozenset(_NO_CENTS.split()), frozenset(_THOUSANDTHS.split())


@cache
def _forms() -> dict[str, str]:
    forms: dict[str, str] = {code.lower(): code for code in CODES}
    for line in WRITTEN.split("|"):
        code, *words = line.split(" ")
        forms |= dict.fromkeys(words, code)
    for line in DOLLARS.split("|"):
        code, *before = line.split(" ")
        for word in before:
            forms |= {f"{word}$": code, f"${word}": code, f"{word}＄": code}
    for sign, spelled in SPELLED.items():
        forms |= dict.fromkeys(spelled.split(" "), sign)
    forms["u$s"] = "USD"
    return forms


def currency_of(written: str) -> str | None:
    """`US $`, `руб.`, `eur` -> the code, or the sign where several currencies have it; None where it names none."""
    bare = re.sub(r"\s", "", written).lower()
    forms = _forms()
    found = forms.get(bare) or forms.get(bare.rstrip("."))
    if found is None and len(bare) == 4 and bare[0] in "$€£¥" and bare[1:] in forms:
        return together((forms.get(bare[0], bare[0]), forms[bare[1:]]))
    if found is None and len(bare) == 4 and bare[-1] in "$€£¥" and bare[:-1] in forms:
        return together((forms[bare[:-1]], forms.get(bare[-1], bare[-1])))
    return found


def places_of(mark: str) -> int | None:
    """Digits after the decimal mark of currencies that have none or three; None for the others."""
    return 0 if mark in WITHOUT_CENTS else 3 if mark in OF_THOUSANDTHS else None


def means(mark: str) -> frozenset[str]:
    """The codes with which a mark agrees."""
    return frozenset(SIGNS[mark].split()) if mark in SIGNS else frozenset({mark})


def usual(mark: str) -> str:
    """The code for which a mark usually stands."""
    return SIGNS[mark].split(" ")[0] if mark in SIGNS else mark


def together(marks: Iterable[str]) -> str | None:
    """The one currency that two marks of an amount name: `$` and `CAD` are Canadian; None when they contradict."""
    one, other = marks
    if one == other:
        return one
    if one in SIGNS:
        one, other = other, one
    return one if one in means(other) else None


def distinct(marks: Iterable[str]) -> tuple[str, ...]:
    """The currencies of a column by its marks: a sign beside the code that it usually stands for is that one."""
    found = set(marks)
    for sign in found & SIGNS.keys():
        usual = {"USD"} if sign == "$" else means(sign)
        if len(found & usual) == 1:
            found -= {sign}
    return tuple(sorted(found))
