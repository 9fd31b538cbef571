"""Exports as shops, banks and marketplaces write them, held to values computed by hand.

Each is exact by plain `clv score FILE`, or by one command that the tool itself printed, or it is refused in words that
name the remedy. None ends wrong in silence. The forms are public; the data are those of one made-up shop.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Clv
from field.runs import CASES, Table, is_right, outcome, printed_options, right_of, scored, unpack

HERE = str(Path(__file__).parent)


@dataclass(frozen=True)
class Field:
    """`wants`: exact, command, or what the refusal must say (a pattern)."""

    case: str
    args: tuple[str, ...]
    wants: str
    scale: int = 100


def case(name: str, *args: str, wants: str = "exact", scale: int = 100) -> Field:
    return Field(name, args, wants, scale)


FIELD = [
    case("01-shopify-orders", "orders_export.csv"),
    case("03-woocommerce-eu", "wc-orders.csv"),
    case("04-stripe-payments", "unified_payments.csv"),
    case("08-amazon-jp-sjis", "orders.txt", wants="command"),
    case("11-quickbooks-by-customer", "SalesByCustomerDetail.csv"),
    case("17-instacart", "orders.csv", wants=r"no calendar dates and no amounts.*add up days_since_prior_order"),
    case("18-no-amount-column", "events.csv", wants="command"),
    case("19-kkbox", "transactions.csv"),
    case("20-superstore", "Superstore.csv", wants="command"),
    case("22-polish-cp1250", "sprzedaz.csv", wants="command"),
    case("23-russian-1c", "otchet.csv", wants="command"),
    case("28-hebrew-rtl-marks", "heshbonit.csv"),
    case("30-kuwaiti-dinar", "kwd.csv", wants="command", scale=1000),
    case("31-crypto-8-decimals", "btc.csv", wants="command", scale=10**8),
    case("33-email-case", "mails.csv", wants="command"),
    case("34-phone-ids", "phones.csv", wants="command"),
    case("36-iso-weeks", "weeks.csv", wants="week"),
    case("36-iso-weeks", "weekdays.csv", wants="week"),
    case("36-iso-weeks", "months.csv", wants="command"),
    case("36-iso-weeks", "monthnames.csv", wants="command"),
    case("36-iso-weeks", "quarters.csv", wants="quarter"),
    case("37-am-pm", "ampm.csv"),
    case("37-am-pm", "ampm2.csv"),
    case("38-month-names", "de.csv"),
    case("38-month-names", "es.csv"),
    case("38-month-names", "fr.csv"),
    case("40-two-dates", "erp.csv", wants="command"),
    case("40-two-dates", "erp2.csv"),
    case("43-closed-for-covid", "gap.csv"),
    case("44-subscription-renewals", "renewals.csv"),
    case("45-guest-placeholder-mail", "orders.csv", wants="command"),
    case("47-lines-with-discounts", "lines.csv"),
    case("47-lines-with-discounts", "lines.csv", "--order-id", "order_id"),
    case("47-lines-with-discounts", "lines.csv", "--order-id", "order_id", "--line-id", "line"),
    case("48-folder-of-stores", "stores"),
    case("48-folder-of-stores", "two"),
    case("48-folder-of-stores", "usuk"),
    case("48-folder-of-stores", "deus"),
    case("49-overlapping-exports", "ex", wants="command"),
    case("53-duplicate-header", "dup.csv"),
    case("53-duplicate-header", "dup2.csv", wants="command"),
    case("54-returns-as-positive", "pos.csv", wants="command"),
    case("55-mysql-zero-dates", "dump.csv", "--date", "paid_at", wants="command"),
    case("56-pre-aggregated", "rfm.csv", wants=r"one row a customer.*give the transactions"),
    *(
        case("60-containers", f"log.{kind}", wants="exact" if kind == "csv.gz" else r"log\..*(unpack|export|write) ")
        for kind in ("csv.gz", "csv.bz2", "csv.xz", "zip", "xlsx", "ods", "jsonl", "json", "sqlite", "duckdb",
                     "feather")
    ),
    case("64-sequential-ids-9999", "seq.csv"),
    case("64-sequential-ids-9999", "seq.csv", "--strict"),
    case("65-header-far-down", "erp.csv", wants="command"),
    *(case("70-date-variants", f"{name}.csv") for name in "abcd"),
    case("72-net-zero-days", "r.csv"),
    case("73-three-year-compact-dates", "c3.csv"),
    case("73-three-year-compact-dates", "c3.parquet"),
    case("74-refund-column-in-SQL", "marks.csv", "--amount", "total - coalesce(refund,0)"),
    case("74-refund-column-in-SQL", "marks.csv", wants="command"),
    case("80-ebay-uk", "eBay-OrdersReport.csv"),
    case("81-paypal-de", "Download.CSV"),
    case("82-paypal-jp", "paypal.csv", wants="--customer 送信者メールアドレス"),
    case("83-amazon-de-date-range", "2024Jan1-2024Jan31CustomTransaction.csv", wants="names no customer.*buyer-email"),
    case("84-amazon-fr-settlement", "reglement.txt", wants="names no customer.*buyer-email"),
    case("85-etsy-uk", "EtsySoldOrders2024.csv"),
    case("86-square", "transactions-2024-01-01-2024-04-01.csv"),
    case("87-magento-fr", "export.csv", wants=r'--customer "E-mail du client" --amount "Total global \(base\)"'),
    case("87-magento-fr", "export.csv", "--customer", "E-mail du client", "--amount",
         '"Total global (base)" - coalesce("Total remboursé", 0)', wants="command"),
    case("88-prestashop-fr", "order_2024-04-01.csv", wants="names customers by an initial.*SQL Manager"),
    case("89-1c-prodazhi", "realizatsiya.csv", wants="command"),
    case("90-ga4", "bq-results.csv"),
    case("91-xero", "SalesInvoices.csv"),
    case("92-quickbooks", "Sales by Customer Detail.csv"),
    case("93-datev-extf", "EXTF_Buchungsstapel.csv", wants="--encoding cp1252"),
    case("93-datev-extf", "EXTF_Buchungsstapel.csv", "--encoding", "cp1252", wants="no year.*open items"),
    case("94-shopify-snake", "orders.csv"),
]  # fmt: skip


MISSING = {
    "20 Superstore.csv": "encodings are asked for, and four decimals",
}
"""What does not hold yet, and why."""


def _ids(field: Field) -> str:
    return " ".join([field.case[:2], *field.args])


@pytest.mark.parametrize("field", [
    pytest.param(f, marks=pytest.mark.xfail(reason=MISSING[_ids(f)], strict=True)) if _ids(f) in MISSING else f
    for f in FIELD
], ids=_ids)  # fmt: skip
def test_export(clv: Clv, tmp_path: Path, field: Field) -> None:
    unpack(field.case, tmp_path)
    kept = (CASES / field.case / "expected.csv.gz").exists()
    _hold(clv, tmp_path, field.args, right_of(field.case) if kept else None, field.wants, field.scale)


def _hold(clv: Clv, folder: Path, args: Sequence[str], right: Table | None, wants: str, scale: int = 100) -> None:
    found = outcome(clv, folder, args, right, scale)
    if found.kind == "exact":
        return
    if wants in ("exact", "command"):
        assert found.kind in {"exact": ("exact",), "command": ("command", "exact")}[wants], found
    else:
        assert found.kind == "refused", found
        assert re.search(wants, found.err, re.DOTALL), found
    assert "hint: see the rejected records: clv check)" not in found.err


CURRENCY_COLUMNS = [
    "ccy", "moeda", "waluta", "Валюта", "通貨", "Para Birimi", "iso", "cur", "Mena", "valuta", "Transaction Currency",
    "currency_iso", "Moneda", "monnaie",
]  # fmt: skip


@pytest.mark.parametrize("name", CURRENCY_COLUMNS)
def test_a_column_of_currencies(clv: Clv, tmp_path: Path, name: str) -> None:
    unpack("63-currency-column-names", tmp_path)
    log = tmp_path / "cur_ccy.csv"
    log.write_text(log.read_text(encoding="utf-8").replace(",ccy\n", f",{name}\n", 1), encoding="utf-8")
    _hold(clv, tmp_path, ["cur_ccy.csv"], None, r"JPY.*USD|USD.*JPY")


MARKS = (CASES / "68-currency-marks" / "forms.txt").read_text(encoding="utf-8").splitlines()
MARKS_REFUSED = {"12.—": "", "12,-": "", "12.50 €/mo": ""}
NEGATIVE = ("-$12.50", "$-12.50", "($12.50)", "12.50-")
UNITS = {"Rp12.500": 1250000, "12 500 Ft": 1250000}


@pytest.mark.parametrize("form", MARKS)
def test_an_amount_with_a_currency(clv: Clv, tmp_path: Path, form: str) -> None:
    rows = "".join(f'c{i % 3},2024-0{i + 1}-05,"{form}"\n' for i in range(9))
    (tmp_path / "m.csv").write_text("customer_id,date,amount\n" + rows, encoding="utf-8")
    units = UNITS.get(form, 1250 if "50" in form else 1200)
    right = {f"c{i}": (3, 3 * units, f"2024-0{i + 1}-05", f"2024-0{i + 7}-05") for i in range(3)}
    negative = form in NEGATIVE
    found = outcome(clv, tmp_path, ["m.csv"], right, 100)
    if form in MARKS_REFUSED and found.kind == "refused":
        assert "amount" in found.err
        return
    assert found.kind == ("command" if negative else "exact"), found


GIFT = {"a": (2, 8000, "2023-01-05", "2023-03-05"), "b": (2, 13000, "2023-01-06", "2023-06-05")}


def test_a_gift_card_line_leaves_older_orders_alone(clv: Clv, tmp_path: Path) -> None:
    unpack("76-giftcard-line-eats-older-order", tmp_path)
    _hold(clv, tmp_path, ["g.csv", "--order-id", "order_id"], GIFT, "exact")


def test_a_gift_card_line_without_an_order_id(clv: Clv, tmp_path: Path) -> None:
    unpack("76-giftcard-line-eats-older-order", tmp_path)
    _hold(clv, tmp_path, ["g.csv"], GIFT, "command")


def test_a_record_that_where_leaves_out_does_not_set_the_day(clv: Clv, tmp_path: Path) -> None:
    unpack("77-asof-from-excluded-rows", tmp_path)
    right = right_of("44-subscription-renewals")
    _hold(clv, tmp_path, ["renewals_draft.csv", "--where", "status = 'paid'"], right, "exact")
    done = clv("score", "renewals_draft.csv", "--where", "status = 'paid'", "--no-model", "-o", "s.csv", "--json")
    assert '"as_of": "2023-12-31"' in done.out.decode()


def test_one_draft_of_a_later_year(clv: Clv, tmp_path: Path) -> None:
    unpack("77-asof-from-excluded-rows", tmp_path)
    _hold(clv, tmp_path, ["renewals_draft.csv"], right_of("44-subscription-renewals"), "command")


def test_the_runner_reads_commands_as_a_shell_does() -> None:
    said = """clv: a.csv: no x (hint: --customer 'Buyer Email' --amount "total - coalesce(\\"r f\\", 0)")"""
    assert list(printed_options(said)) == [("--customer", "Buyer Email", "--amount", 'total - coalesce("r f", 0)')]
    assert list(printed_options("(hint: --encoding cp1251, or --encoding cp1253 where 'x')")) == [
        ("--encoding", "cp1251"), ("--encoding", "cp1253"),
    ]  # fmt: skip


TRIED: dict[str, list[list[str]]] = json.loads((Path(__file__).parent / "tried.json").read_text(encoding="utf-8"))
"""Commands that people tried on the cases, some of them because a hint misled them."""
OF_OTHER_VALUES = ("keep", "reverse", "none.csv", "c2.csv", "--horizon", "till = 7", "--as-of", "'0048','48'")
"""Words of commands to which the right values do not belong."""
NEUTRAL = ("season", "left_truncation", "zero_amounts")
"""Warnings that say nothing of what the records mean."""


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_no_command_ends_wrong_in_silence(clv: Clv, tmp_path: Path, name: str) -> None:
    unpack(name, tmp_path)
    right = right_of(name)
    scale = {"30": 1000, "31": 10**8}.get(name[:2], 100)
    silent = []
    for args in TRIED[name]:
        if any(word in arg for arg in args for word in OF_OTHER_VALUES):
            continue
        done, found = scored(clv, tmp_path, args, scale)
        told = re.findall(r"\[clv help (\w+)\]", done.err)
        if (
            found is not None
            and not is_right(found, right)
            and not set(told) - set(NEUTRAL)
            and "rejected (" not in done.err
        ):
            silent.append((args, done.err))
    assert not silent
