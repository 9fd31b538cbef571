"""Words of exports, in fourteen languages, that say that no money came, or that it went back."""

import re
from functools import cache

from clvcli.log.names import plain

# Stems: a word that begins so. Words that end in a full stop stand for themselves alone.
UNPAID = {
    "en": "fail cancel void. voided. pending draft. drafted. chargeback uncollectible declin reject "
    "expir unpaid abandon onhold error. "
    "test. testorder awaitingpayment notpaid paymentfailed incomplete. requirespaymentmethod requiresaction blocked. "
    "disputed lost. unavailable. paymentdue. delinquent writtenoff refunded fullyrefunded reversed.",
    "de": "storniert storno abgebrochen fehlgeschlagen offen. ausstehend unbezahlt nichtbezahlt entwurf abgelehnt "
    "uneinbringlich ruckbuchung rucklastschrift erstattet zuruckerstattet abgelaufen abgewiesen zahlungausstehend",
    "fr": "annul echou echec enattente brouillon impaye refuse rembourse irrecouvrable retrofactur expire. nonpaye",
    "es": "cancelad anulad fallid pendiente borrador rechazad impagad nopagad reembolsad contracargo "
    "incobrable vencid "
    "caducad",
    "pt": "cancelad anulad falhou falhad pendente rascunho recusad naopag estornad reembolsad incobravel expirad "
    "aguardandopagamento",
    "it": "annullat fallit inattesa bozza rifiutat nonpagat rimborsat stornat insoluto insoluta scadut inesigibile "
    "cancellat",
    "pl": "anulowan nieudan oczekuj robocz odrzucon nieoplacon niezaplacon zwrocon nieściągaln wygasl "
    "obciazeniezwrotne",
    "ru": "отмен аннулир ошибк неудач ожида вожидании черновик отклон неоплачен возвращ просроч сторно безнадежн тест.",
    "tr": "iptal basarisiz beklemede bekliyor odemebekleniyor taslak reddedil odenmedi odenmemis iadeedil "
    "tersibraz suresidoldu",
    "ar": "ملغ ملغاة فشل فاشل معلق قیدالانتظار بانتظارالدفع مسودة مرفوض غیرمدفوع مسترد مرتجع منتهی",
    "he": "בוטל מבוטל נכשל ממתין טיוטה נדחה לאשולם זוכה. הוחזר פג. הכחשתעסקה",
    "fa": "لغو کنسل ناموفق درانتظار پیشنویس ردشده پرداختنشده برگشتداده بازگشت منقضی مسترد",
    "ja": "キャンセル 取消 失敗 保留 未払 未入金 支払待ち 下書き 返金済 却下 期限切れ 無効 テスト 貸倒",
    "zh": "已取消 取消 失败 失敗 待付款 待支付 未付款 未支付 草稿 已退款 退款成功 已退货 拒绝 已关闭 交易关闭 已失效 "
    "作废 作廢 测试 坏账 已拒付",
}
BACK = {
    "en": "return. returns. returned. refund. refunds. creditmemo creditnote paymentrefund reversal. salesreturn",
    "de": "retoure rucksendung ruckgabe gutschrift erstattung ruckzahlung rechnungskorrektur",
    "fr": "retour. retours. remboursement avoir. avoirs.",
    "es": "devolucion reembolso. notadecredito abono.",
    "pt": "devolucao devolucoes estorno. reembolso. notadecredito",
    "it": "reso. resi. rimborso. notadicredito storno.",
    "pl": "zwrot. zwroty. korekta. fakturakorygujaca reklamacja.",
    "ru": "возврат. возвратот возвраттовара корректировк",
    "tr": "iade. iadeler. iadefaturasi",
    "ar": "مرتجعات. ارجاع استرداد اشعاردائن مردود",
    "he": "החזר. החזרה זיכוי חשבוניתזיכוי",
    "fa": "مرجوعی برگشتازفروش استرداد برگشتی",
    "ja": "返品 返金. 赤伝",
    "zh": "退货. 退货单 退款. 退款单 红冲 退貨 銷退",
}
REFUND_COLUMN = (
    r"refund|chargeback|creditnote|creditmemo|erstatt|gutschrift|rembours|reembols|estorn|rimbors|devoluc|zwrot|zwroc|"
    r"возврат|iade|مسترد|استرداد|المرتجع|החזר|זיכוי|مرجوع|برگشت|返金|返品|退款|退货|退貨"
)
FLAG = r"cancel|void|refunded|storn|annul|chargeback|istest|isreturn|iptal|отмен|בוטל|取消"
YES = frozenset("1 true yes y t ja oui si sim da tak evet نعم כן بله да はい 是".split())  # noqa: SIM905


@cache
def _pattern(back: bool) -> re.Pattern[str]:
    words = [w for text in (BACK if back else UNPAID).values() for w in text.split()]
    stems = [re.escape(plain(w)) + ("" if w.endswith(".") else r"\w{0,24}") for w in words]
    return re.compile("|".join(stems))


def is_unpaid(value: str) -> bool:
    """Whether a value says that no money came, or that all of it went back."""
    word = plain(value).removeprefix("wc")
    return not word.startswith("partial") and _pattern(back=False).fullmatch(word) is not None


def is_back(value: str) -> bool:
    """Whether a value calls the record a return, a refund or a credit note."""
    return _pattern(back=True).fullmatch(plain(value)) is not None


def is_flag(column: str, value: str) -> bool:
    """Whether a yes in a column of this name says so."""
    return value.strip().lower() in YES and re.search(FLAG, plain(column)) is not None


def is_refund_column(column: str) -> bool:
    """Whether a column is called like the amount that went back of each record."""
    return re.search(REFUND_COLUMN, plain(column)) is not None
