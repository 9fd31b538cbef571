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
    "fr": "annul echou echec enattente paiementenattente brouillon impaye refuse rembourse irrecouvrable "
    "retrofactur expire. nonpaye",
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
PAID = (
    "paid. paidinfull complet success succeed shipped delivered fulfill closed. process captured settled confirmed "
    "active. approved invoiced done. ok. sent. dispatched received posted. cleared finished archived. accepted "
    "authori partial sale sales order orders payment charge unfulfilled "
    "bezahlt teilbezahlt abgeschlossen erfolg versendet versandt verschickt geliefert zugestellt erledigt bestatigt "
    "paye payee paiementaccepte encoursdetraitement encoursdepreparation "
    "termine reussi livre expedie envoye valide traite confirme encaisse "
    "pagad exitos enviad entregad finaliz confirmad cobrad procesad aprobad "
    "pago paga concluid entregue aprovad faturad "
    "pagat riuscit spedit consegnat evas confermat conclus approvat "
    "oplacon zaplacon zrealizowan zakonczon wyslan dostarczon potwierdz wykonan "
    "оплач выполн заверш доставл отправл получен успеш подтвержд закрыт проведен исполнен продажа "
    "odendi odenmis tamamland teslimedil kargo gonderild onayland basarili "
    "مدفوع مکتمل تمالدفع تمالتوصیل تمالشحن ناجح موکد שולם הושלם נשלח נמסר אושר "
    "پرداختشده تکمیل تحویل ارسال موفق تایید "
    "支払済 支払い済 入金済 完了 発送済 出荷済 配達済 成功 確定 "
    "已付款 已支付 已完成 完成 交易成功 已发货 已發貨 已签收 已收货"
)
"""Stems of values that say nothing against the money, so that only others need a look where none is in UNPAID."""
STATUS_COLUMN = (
    r"(order|payment|financial|fulfillment|transaction|invoice|bestell|zahlungs|auftrags|rechnungs)?status|orderstate|"
    r"paymentstate|(statut|etat)(de)?(la)?(commande|paiement)|statut|estado(del|do|de)?(pedido|pago|pagamento)|"
    r"situacao(do)?pedido|stato(del)?(ordine|pagamento)|statusplatnosci|statuszamowienia|статус\w{0,12}|(siparis|odeme)?durumu?|"
    r"حالهالطلب|حالةالطلب|الحالة|סטטוס\w{0,8}|وضعیت\w{0,10}|ステータス|注文状況|支払状況|状態|状态|订单状态|支付状态|狀態|訂單狀態"
)
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


def is_status_column(column: str) -> bool:
    """Whether a column is called like the state of an order or of its payment."""
    return re.fullmatch(STATUS_COLUMN, plain(column)) is not None


@cache
def _paid() -> re.Pattern[str]:
    stems = [re.escape(plain(w)) + ("" if w.endswith(".") else r"\w{0,24}") for w in PAID.split()]
    return re.compile("|".join(stems))


def is_paid(value: str) -> bool:
    """Whether a value is known to say nothing against the money."""
    word = plain(value).removeprefix("wc")
    return not word or _paid().fullmatch(word) is not None
