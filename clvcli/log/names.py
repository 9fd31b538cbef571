"""What columns are usually called, in fourteen languages: words of a role in tiers, best first, and plain names."""

import re
import unicodedata
from functools import cache

# Names as `plain` writes them, without case, blanks, accents and marks. A name of a better tier wins.
CUSTOMER = (
    # en de fr es pt it nl sv pl ru tr
    "customerid custid clientid userid buyerid memberid shopperid accountid customernumber customerno custno "
    "customerkey customercode clientno clientnumber clientcode usernumber customeruniqueid buyeruserid contactid "
    "subscriberid patientid guestid householdid householdkey memberno memberkey "
    "kundennummer kundennr kundenid kdnr debitorennummer debitorennr debitornr mitgliedsnummer "
    "idclient numeroclient numclient nclient codeclient refclient identifiantclient "
    "idcliente clienteid codigocliente codigodelcliente codigodocliente codcliente numerocliente nrocliente "
    "numerodecliente codicecliente "
    "klantnummer klantnr klantid kundnummer kundnr kundid "
    "idklienta numerklienta nrklienta kodklienta idkontrahenta kodkontrahenta nrkontrahenta "
    "idклиента кодклиента клиентid номерклиента кодконтрагента idпокупателя idпользователя "
    "musterino musteriid musterikodu musterinumarasi carikodu "
    "رقمالعميل معرفالعميل كودالعميل رمزالعميل رقمالزبون "
    "מספרלקוח מזההלקוח קודלקוח מסלקוח "
    "شناسهمشتری کدمشتری شمارهمشتری آیدیمشتری "
    "顧客id 顧客番号 顧客コード 会員番号 会員id お客様番号 お客様コード 得意先コード 得意先番号 ユーザーid "
    "客户编号 客户id 客户号 客户代码 会员编号 会员id 会员号 会员卡号 顾客编号 用户id 用户编号 客戶編號 "
    "會員編號 客戶代碼 顧客編號",
    "klant klient kund customer client user buyer member shopper account cust kunde debitor cliente uid contact "
    "acheteur comprador acquirente nabywca kontrahent odbiorca "
    "клиент контрагент покупатель заказчик musteri cari alici "
    "العميل عميل المشتري לקוח לקוחה מזמין مشتری خریدار "
    "顧客 会員 お客様 得意先 購入者 注文者 客户 会员 顾客 买家 用户 客戶 會員 買家 customeremail",
    "wallet walletaddress walletid email mail emailaddress billingemail customeremailaddress buyeremail "
    "contactemail "
    "phone phonenumber mobile mobilenumber msisdn telephone telefon telefono telefone tel "
    "buyerusername customername clientname buyername billingname kundenname kundename nomclient "
    "nomduclient nombrecliente nombredelcliente razonsocial nomecliente nomedocliente ragionesociale nazwaklienta "
    "nazwakontrahenta клиентимя имяклиента musteriadi musteriunvani اسمالعميل שםלקוח שםהלקוח ناممشتری "
    "顧客名 会員名 お客様名 得意先名 购买者 客户名称 客户姓名 会员名 买家昵称 买家会员名 客戶名稱 買家帳號 id",
)
DATE = (
    "orderdate dateoforder purchasedate saledate salesdate date invoicedate transactiondate transdate txndate "
    "trandate orderday purchaseday bookingdate paymentdate datepurchase dateorder orderpurchasetimestamp "
    "bestelldatum kaufdatum auftragsdatum verkaufsdatum datum rechnungsdatum belegdatum buchungsdatum "
    "datecommande datedecommande datedelacommande dateachat datedachat datevente datefacture datedefacture "
    "fechapedido fechadepedido fechacompra fechadecompra fechaventa fechadeventa fecha fechafactura "
    "datapedido datadopedido datacompra datadacompra datavenda datadavenda "
    "dataordine datavendita dataacquisto datafattura datadocumento orderdatum besteldatum factuurdatum "
    "datasprzedazy datazamowienia datazakupu datatransakcji datawystawienia datafaktury "
    "датазаказа датапродажи датапокупки дата датадокумента датаоплаты датасделки "
    "siparistarihi satistarihi alistarihi tarih faturatarihi islemtarihi "
    "تاريخالطلب تاريخالشراء تاريخالبيع التاريخ تاريخ تاريخالفاتورة תאריךהזמנה תאריךרכישה תאריךמכירה תאריך "
    "תאריךחשבונית تاریخسفارش تاریخخرید تاریخفروش تاریخ تاریخفاکتور "
    "注文日 ご注文日 購入日 受注日 売上日 日付 年月日 取引日 伝票日付 注文日時 購入日時 受注日時 "
    "下单日期 下单时间 订单日期 订单时间 购买日期 购买时间 交易日期 交易时间 销售日期 日期 付款时间 支付时间 "
    "訂單日期 下單時間 交易日期 銷售日期",
    "timestamp datetime orderdatetime transactiondatetime invoicedatetime orderedat purchasedat createdat "
    "orderts ts ordertime transactiontime purchasetime createddate datecreated processedat createdon time "
    "erstelltam creele creadoel criadoem creatoil data utworzono создан olusturmatarihi 作成日時 创建时间 "
    "時間 时间",
)
AMOUNT = (
    "amount total ordertotal totalamount orderamount grandtotal revenue value sales spend amt ordervalue "
    "totalprice "
    "totalvalue transactionamount transactionvalue purchaseamount purchasevalue saleamount salesamount amountpaid "
    "paidamount actualamountpaid invoiceamount invoicetotal linetotal lineamount netamount netsales netrevenue "
    "grossamount grosssales totalsales turnover paymentvalue subtotal "
    "betrag gesamtbetrag rechnungsbetrag bruttobetrag nettobetrag umsatz bestellwert warenwert summe gesamt "
    "montant montanttotal montantttc montantht chiffredaffaires importe importetotal monto montototal "
    "valortotal valor vltotal faturamento importo importototale totale totaledocumento fatturato "
    "bedrag totaal belopp summa kwota kwotabrutto kwotanetto wartosc wartoscbrutto wartoscnetto suma razem "
    "сумма суммазаказа суммапродажи суммаоплаты итого выручка стоимость "
    "tutar toplam toplamtutar siparistutari satistutari geneltoplam ciro "
    "المبلغ مبلغ المبلغالاجمالي الاجمالي اجمالي القيمة المجموع סכום סהכ סכוםכולל סכוםהזמנה مبلغکل مبلغ جمعکل جمع "
    "金額 合計 合計金額 総額 売上 売上金額 請求金額 購入金額 注文金額 税込金額 支払金額 "
    "金额 总金额 订单金额 实付金额 支付金额 付款金额 交易金额 销售额 销售金额 总价 合计 總金額 訂單金額 "
    "銷售額 實付金額",
    "price cost payment sum paid preis prix precio preco prezzo cena цена fiyat السعر מחיר قیمت 価格 价格",
)
ORDER = (
    "orderid ordernumber orderno ordernr ordername order invoiceid invoicenumber invoiceno invoice transactionid "
    "transactionnumber basketid receiptid receiptno receiptnumber bestellnummer bestellnr auftragsnummer "
    "rechnungsnummer belegnummer numerocommande ncommande numerofacture idcommande numeropedido nropedido idpedido "
    "pedido numerofactura numerodopedido numeroordine idordine numerofattura nrzamowienia numerzamowienia "
    "idzamowienia nrfaktury numerfaktury номерзаказа заказ номерчека номердокумента siparisno siparisnumarasi "
    "faturano رقمالطلب رقمالفاتورة מספרהזמנה מספרחשבונית شمارهسفارش شمارهفاکتور 注文番号 受注番号 伝票番号 "
    "订单号 订单编号 "
    "交易号 訂單編號 訂單號",
)
USUAL = {"customer": CUSTOMER, "date": DATE, "amount": AMOUNT}
QUANTITIES = "quantity qty units menge anzahl cantidad quantite quantidade quantita ilosc количество miktar adet "
QUANTITIES += "itemcount كمية الكمية כמות تعداد 数量 個数 數量"
UNIT_PRICES = "unitprice priceperunit itemprice priceeach price rate einzelpreis stuckpreis prixunitaire "
UNIT_PRICES += "preciounitario precounitario prezzounitario cenajednostkowa цена birimfiyat 単価 单价 單價"
CURRENCIES = "usd eur gbp chf jpy cad aud sek nok dkk pln inr cny brl mxn try rub ils sar aed kwd zar krw czk huf ron"
ALIKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "s", "æ": "a", "œ": "o", "ي": "ی", "ك": "ک"})


LONGEST = 200
"""A name of more characters is none of the usual ones."""


def plain(name: str) -> str:
    """`Customer_ID ` -> `customerid`, `Total (EUR)` and `total_eur` -> `total`, `Numéro` -> `numero`."""
    if len(name) > LONGEST:  # The pattern of a unit in brackets takes quadratic time.
        return name
    bare = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", name.lower()) or name.lower()
    words = re.sub(r"[\W_]+", " ", _bare(bare)).split()
    if len(words) > 1 and words[-1] in _currencies():
        words = words[:-1]
    return "".join(words)


def _bare(text: str) -> str:
    """Without accents, and with letters that are no accented ones as those that they look like."""
    whole = unicodedata.normalize("NFKD", text.replace('"', "").replace("'", "").replace("״", ""))
    return "".join(c for c in whole if not unicodedata.combining(c)).translate(ALIKE)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(CURRENCIES.split())


@cache
def tiers(role: str) -> tuple[dict[str, int], ...]:
    """Plain name -> its place, for each tier of a role: `customer`, `date`, `amount`."""
    return tuple({_bare(word): place for place, word in enumerate(tier.split())} for tier in USUAL[role])


def is_order(name: str) -> bool:
    """Whether a column is called like an order or an invoice."""
    return plain(name) in _set("order")


def is_quantity(name: str) -> bool:
    """Whether a column is called like a number of pieces."""
    return plain(name) in _set("quantity")


def is_unit_price(name: str) -> bool:
    """Whether a column is called like the price of one piece."""
    return plain(name) in _set("price")


@cache
def _set(kind: str) -> frozenset[str]:
    words = {"order": " ".join(ORDER), "quantity": QUANTITIES, "price": UNIT_PRICES}[kind]
    return frozenset(_bare(word) for word in words.split())
