"""A column that says that no money came is never passed over: it is told, and the --where works when copied."""

import csv
import json
import shlex
from pathlib import Path

import pytest
from conftest import Clv

from clvcli.log.statuses import kind_of

UNPAID = {
    "en": "failed cancelled canceled voided refunded Pending draft chargeback uncollectible on-hold declined expired "
    "unpaid wc-cancelled test",
    "de": "storniert fehlgeschlagen ausstehend unbezahlt Entwurf abgelehnt erstattet uneinbringlich",
    "fr": "annulée échoué en_attente brouillon impayée refusé remboursée",
    "es": "cancelado anulada fallido pendiente borrador rechazado impagado reembolsado",
    "pt": "cancelado falhou pendente rascunho recusado estornado",
    "it": "annullato fallito in_attesa bozza rifiutato rimborsato insoluto",
    "pl": "anulowane nieudana oczekujące odrzucone nieopłacone zwrócone",
    "ru": "отменён отменен отменено ошибка ожидает черновик отклонён неоплачен",
    "tr": "iptal_edildi başarısız beklemede taslak reddedildi ödenmedi iade_edildi",
    "ar": "ملغي ملغاة فشل معلق مسودة مرفوض مسترد",
    "he": "בוטל נכשל ממתין טיוטה נדחה",
    "fa": "لغو_شده ناموفق در_انتظار رد_شده",
    "ja": "キャンセル 取消 失敗 保留 未入金 返金済み",
    "zh": "已取消 失败 待付款 未付款 已退款 已关闭",
}
BACK = {
    "en": "Return Refund credit_memo", "de": "Retoure Gutschrift", "fr": "retour avoir", "es": "devolución", "pt":
    "devolução", "it": "reso", "pl": "zwrot", "ru": "возврат", "tr": "iade", "ar": "مرتجعات", "he": "זיכוי",
    "fa": "مرجوعی", "ja": "返品", "zh": "退货",
}  # fmt: skip
WORDS = [
    (kind, language, value.replace("_", " "))
    for kind, words in (("unpaid", UNPAID), ("back", BACK))
    for language, text in words.items()
    for value in text.split()
]


def test_fourteen_languages() -> None:
    assert len(UNPAID) == len(BACK) == 14


@pytest.mark.parametrize(("kind", "language", "value"), WORDS)
def test_words_of_fourteen_languages(kind: str, language: str, value: str) -> None:
    for written in (value, value.upper() if language != "tr" else value, f" {value} "):
        assert kind_of("status", written) == kind


PAID = (
    "paid completed Sale DE 1 red processing Testarossa shipped bezahlt abgeschlossen Verkauf payé terminée venta "
    "pagado concluído pago pagato completato opłacone zrealizowane оплачен выполнен продажа ödendi tamamlandı satış "
    "مدفوع مكتمل שולם הושלם پرداخت_شده تکمیل_شده 支払済み 完了 已完成 已付款 交易成功 "
    "returning new DraftBeer annual void_deck partially_refunded credit debit Storm retail reset"
)


@pytest.mark.parametrize("value", PAID.split())
def test_other_words_say_nothing(value: str) -> None:
    assert kind_of("status", value.replace("_", " ")) == "other"


def test_a_flag_counts_by_its_name() -> None:
    assert kind_of("is_cancel", "1") == "unpaid"
    assert kind_of("is_cancel", "0") == "other"


@pytest.mark.parametrize("column", ["status", "Payment Status", "type"])
def test_warned_with_a_where_that_works(clv: Clv, tmp_path: Path, column: str) -> None:
    words = ("paid", "failed", "paid", "Cancelled")
    rows = "".join(f"c{i % 5},2024-01-{i + 1:02},10.00,{words[i % 4]}\n" for i in range(20))
    (tmp_path / "log.csv").write_text(f"customer,date,amount,{column}\n{rows}")
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400")
    assert "failed (5 records worth 50.00)" in done.err
    line = next(line for line in done.err.splitlines() if "leave them out" in line)
    where = shlex.split(line[line.index("--where") :].split(" [clv help")[0])[1]
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--where", where)
    assert done.code == 0, done.err
    assert "status_column" not in done.err
    with open(tmp_path / "s.csv", newline="") as file:
        assert sum(float(row["total_spend"]) for row in csv.DictReader(file)) == 100.0


def _log(tmp_path: Path, header: str, rows: list[str]) -> None:
    (tmp_path / "log.csv").write_text("\n".join([header, *rows]) + "\n")


def _printed(err: str, code: str) -> list[str]:
    """The options that the warning of this code tells to copy."""
    line = next(line for line in err.splitlines() if f"[clv help {code}]" in line)
    return shlex.split(line[line.index("--") :].removesuffix(f" [clv help {code}]"))


def _spend(path: Path) -> float:
    with path.open(newline="") as file:
        return round(sum(float(row["total_spend"]) for row in csv.DictReader(file)), 2)


@pytest.mark.parametrize(("language", "word"), [(k, v.split()[0]) for k, v in BACK.items()])
def test_returns_as_positive_amounts_are_taken_off(clv: Clv, tmp_path: Path, language: str, word: str) -> None:
    rows = [f"c{i % 5},2024-01-{i + 1:02},10.00,{word if i in (7, 19) else 'ok'}" for i in range(20)]
    _log(tmp_path, "customer,date,amount,type", rows)
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400")
    assert "it went back" in done.err, language
    clv("score", "log.csv", "--no-model", "-o", "s.csv", *_printed(done.err, "status_column"))
    assert _spend(tmp_path / "s.csv") == 160.0


def test_returns_with_negative_amounts_are_no_news(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i % 5},2024-01-{i + 1:02},{'-' if i == 19 else ''}10.00,{'Refund' if i == 19 else 'ok'}"
            for i in range(20)]  # fmt: skip
    _log(tmp_path, "customer,date,amount,type", rows)
    assert "status_column" not in clv("score", "log.csv", "--no-model", "-o", "s.csv").err


@pytest.mark.parametrize("column", ["refund", "Amount Refunded", "rückerstattet", "возврат", "返金額"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_column_of_refunds(clv: Clv, tmp_path: Path, column: str, sign: str) -> None:
    rows = [f"c{i % 5},2024-01-{i + 1:02},10.00,{sign + '4.00' if i == 9 else ''}" for i in range(20)]
    _log(tmp_path, f"customer,date,amount,{column}", rows)
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400")
    assert "1 record with refunds worth 4.00" in done.err
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", *_printed(done.err, "refund_column"), COLUMNS="400")
    assert "refund_column" not in done.err
    assert _spend(tmp_path / "s.csv") == 196.0


def test_check_shows_a_table(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i % 5},2024-01-{i + 1:02},10.00,{'void' if i == 3 else 'paid'}" for i in range(20)]
    _log(tmp_path, "customer,date,amount,state", rows)
    assert "no money came" in clv("check", "log.csv").page
    told = json.loads(clv("check", "log.csv", "--json").out)["statuses"]
    assert [(s["value"], s["records"], s["money"], s["says"]) for s in told] == [
        ("paid", 19, 190.0, ""), ("void", 1, 10.0, "no money came"),
    ]  # fmt: skip


def test_a_late_value_counts(clv: Clv, tmp_path: Path) -> None:
    rows = [f"c{i % 90},2024-01-{i % 28 + 1:02},10.00,{'failed' if i == 1500 else 'paid'}" for i in range(1600)]
    _log(tmp_path, "customer,date,amount,state", rows)
    assert "failed (1 record worth 10.00)" in clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400").err


@pytest.mark.parametrize("amounts", [["50", "80", "-50"], ["30", "-5", "-25.5"]])
def test_negative_lines_of_orders_ask_for_the_order(clv: Clv, tmp_path: Path, amounts: list[str]) -> None:
    rows = [
        f"{0 if i == 0 else 1},a,2024-0{1 if i == 0 else 3}-05,{amount}" for i, amount in enumerate(["50", *amounts])
    ]
    _log(tmp_path, "Invoice No,customer,date,amount", rows)
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", COLUMNS="400")
    assert _printed(done.err, "order_column") == ["--order-id", "Invoice No"]


def test_a_refund_under_the_ids_of_its_purchase_is_no_repetition(clv: Clv, tmp_path: Path) -> None:
    rows = ["1,1,a,2024-01-05,50", "1,1,a,2024-01-05,-20", "2,1,a,2024-02-05,30", "2,1,a,2024-02-05,30"]
    _log(tmp_path, "order,line,customer,date,amount", rows)
    done = clv("score", "log.csv", "--no-model", "-o", "s.csv", "--order-id", "order", "--line-id", "line")
    assert done.code == 0
    assert _spend(tmp_path / "s.csv") == 60.0


def test_a_status_of_unknown_words_is_told_with_an_option_that_works(clv: Clv, tmp_path: Path) -> None:
    rows = [
        f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},10,{'betald' if i % 5 else 'makulerad'}" for i in range(400)
    ]
    (tmp_path / "log.csv").write_text("\n".join(["customer_id,date,amount,Order Status", *rows, ""]))
    done = clv("score", "log.csv", "--no-model", "-o", "scored.csv")
    told = [
        w
        for w in json.loads((tmp_path / "scored.csv.run.json").read_text())["warnings"]
        if w["code"] == "unknown_status"
    ]
    assert "betald (320 records worth 3,200.00), makulerad (80 records worth 800.00)" in told[0]["message"]
    copied = shlex.split(told[0]["message"].split("money: ")[1])
    assert clv("score", "log.csv", "--no-model", "-o", "scored.csv", *copied).code == done.code == 0
    assert json.loads((tmp_path / "scored.csv.run.json").read_text())["rows"]["excluded"] == {"where": 80}


@pytest.mark.parametrize(
    ("column", "values"),
    [("status", "paid shipped"), ("colour", "betald makulerad"), ("state", "NY CA"), ("status", "betald betald")],
)
def test_known_words_one_value_and_other_columns_are_no_unknown_status(
    clv: Clv, tmp_path: Path, column: str, values: str
) -> None:
    one, other = values.split()
    rows = [f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},10,{one if i % 5 else other}" for i in range(400)]
    (tmp_path / "log.csv").write_text("\n".join([f"customer_id,date,amount,{column}", *rows, ""]))
    assert clv("score", "log.csv", "--no-model", "-o", "scored.csv").code == 0
    manifest = json.loads((tmp_path / "scored.csv.run.json").read_text())
    assert "unknown_status" not in {w["code"] for w in manifest["warnings"]}


@pytest.mark.parametrize("column", ["status", "state", "Zahlungsstatus"])
def test_of_a_known_word_and_an_unknown_one_both_are_told(clv: Clv, tmp_path: Path, column: str) -> None:
    words = ["betald", "betald", "betald", "cancelled", "zurückgelegt"]
    rows = [f"c{i % 40},2024-{1 + i % 12:02}-{1 + i % 28:02},10,{words[i % 5]}" for i in range(400)]
    (tmp_path / "log.csv").write_text("\n".join([f"customer_id,date,amount,{column}", *rows, ""]), encoding="utf-8")
    assert clv("score", "log.csv", "--no-model", "-o", "scored.csv").code == 0
    warnings = json.loads((tmp_path / "scored.csv.run.json").read_text())["warnings"]
    told = {w["code"]: w["message"] for w in warnings}
    assert "cancelled (80 records" in told["status_column"]
    assert "zurückgelegt (80 records" in told["unknown_status"]
    copied = shlex.split(told["unknown_status"].split("money: ")[1])
    assert clv("score", "log.csv", "--no-model", "-o", "scored.csv", *copied).code == 0
    assert json.loads((tmp_path / "scored.csv.run.json").read_text())["rows"]["excluded"] == {"where": 160}
