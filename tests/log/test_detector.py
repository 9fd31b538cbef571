"""Encodings that are no UTF-8: the refusal names the right one, and its command works when copied."""

import random
from pathlib import Path

import pytest
from conftest import Clv

from clvcli.log.detector import likely

TEXTS = {
    "cp1252": "Müller\nStraße\nZürich\nJosé\n",
    "cp1250": "Łódź\nKowalski Żółć\nŚwider\nČeské\n",
    "cp1251": "Ромашка\nИванов\nМосква\n",
    "cp1253": "Αθήνα\nΠαπαδόπουλος\n",
    "cp1254": "Şişli\nYılmaz\nIşık\nGüneş\n",
    "cp1256": "العميل\nالتاريخ\n",
    "cp932": "山田花子\nカタカナ\n東京\n",
    "euc_jp": "山田花子\nひらがな\n東京\n",
    "euc_kr": "고객\n서울\n",
    "gb18030": "客户\n北京市\n张三\n",
    "big5": "客戶\n金額\n臺北市\n",
}


@pytest.mark.parametrize("codec", TEXTS)
def test_the_hint_names_the_encoding_and_works(clv: Clv, tmp_path: Path, codec: str) -> None:
    names = TEXTS[codec].split()
    log = "customer,date,amount\n" + "".join(f"{name},2024-01-0{i + 1},5.00\n" for i, name in enumerate(names))
    (tmp_path / "log.csv").write_bytes(log.encode(codec))
    done = clv("score", "log.csv")
    assert done.code == 3
    assert f"(hint: --encoding {codec}" in done.err
    done = clv("score", "log.csv", "--encoding", codec, "--no-model", "-o", "-")
    assert done.code == 0, done.err
    assert all(name in done.out.decode() for name in names)


NAMES = {
    "pl": ("cp1250", "Łódź Żółć Świder Wójcik Kamińska Zieliński Wąsik Dąbrowski Górecka Błażej Piątek Szczęsny "
                     "Sprzedaż wartość zamówienie łąka ślub Małgorzata"),
    "cs": ("cp1250", "Dvořák Čermák Nováková Růžička Němec Žižka Šťastný Křížek Hájek Říha Černý Příbram objednávka "
                     "zákazník částka úpěl"),
    "hu": ("cp1250", "Kovács Szabó Tóth Nagyné Fűrész Kőrösi Győr Szűcs László Zoltán Erzsébet vásárló rendelés összeg "
                     "árvíztűrő Hűvös"),
    "de": ("cp1252", "Müller Straße Zürich Jäger Schröder Köhler Weiß Größe Käufer Übersee Öl Ärger Günther Bäcker"),
    "fr": ("cp1252", "Hélène François Gérard Noël Benoît Agnès Béatrice Thérèse Société commandé été Orléans façade "
                     "élève forêt"),
    "ru": ("cp1251", "Иванов Ромашка Москва Пётр Сидорова заказ клиент сумма дата Вектор Щукина Юлия Эдуард Подъезд"),
    "it": ("cp1252", "Niccolò società qualità perché Forlì Cefalù Nicolò lunedì città"),
    "tr": ("cp1254", "Şişli Yılmaz Işık Güneş Çağlar Öztürk Doğan İstanbul müşteri Kılıç Aydoğdu Şahin"),
    "el": ("cp1253", "Παπαδόπουλος Αθήνα Γιώργος Θεσσαλονίκη παραγγελία πελάτης Ελένη Ιωάννης"),
    "he": ("cp1255", "כהן אביב לקוח תאריך סכום הזמנה ירושלים"),
    "lt": ("cp1257", "Žemaitis Šiauliai Klaipėda Jonavičius pirkėjas Ąžuolas Čiurlionis įmonė Ūkininkas"),
    "da": ("cp1252", "Søren Jørgensen Kjær Århus Bjørn Østergård Nørgaard Bækgaard"),
}  # fmt: skip


def of_words(words: list[str], codec: str) -> bytes:
    return ("customer,date,amount\n" + "".join(f"{w},2024-01-05,5.00\n" for w in words)).encode(codec)


@pytest.mark.parametrize("language", NAMES)
def test_short_and_long_files_of_a_language_are_told_apart(language: str) -> None:
    codec, text = NAMES[language]
    words, rng = text.split(), random.Random(1)
    for size, allowed in ((3, 3), (6, 1), (2000, 0)):
        wrong = []
        for _ in range(20 if size < 100 else 1):
            raw = of_words([rng.choice(words) for _ in range(size)], codec)
            found = likely(raw)
            if not found or raw.decode(found[0][0]) != raw.decode(codec):
                wrong.append((raw.decode(codec), found))
        assert len(wrong) <= allowed, wrong


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_foreign_names_among_them_change_nothing(share: float) -> None:
    for language in ("de", "pl", "fr", "cs"):
        codec, text = NAMES[language]
        rng, words = random.Random(2), text.split()
        foreign = ["José", "García", "Müller", "Jörg", "Zoé"]
        raw = of_words([rng.choice(foreign if rng.random() < share else words) for _ in range(60)], "utf-8")
        raw = raw.decode().encode(codec, "replace")
        assert raw.decode(likely(raw)[0][0]) == raw.decode(codec), language


def test_bytes_that_are_no_text_have_no_encoding() -> None:
    rng = random.Random(3)
    for _ in range(20):
        lines = (bytes(rng.randrange(128, 256) for _ in range(8)) for _ in range(6))
        assert likely(b"\n".join(lines)) == []


@pytest.mark.parametrize("language", ["de", "pl", "he"])
@pytest.mark.parametrize("length", [300_000, 300_001])
def test_a_name_deep_in_a_long_line_is_found(language: str, length: int) -> None:
    codec, text = NAMES[language]
    raw = b"9" * length + (" " + text).encode(codec) * 2_000
    found = likely(raw)
    assert raw.decode(found[0][0]) == raw.decode(codec)
    assert found[0][1]
    assert [codec for codec, _ in likely(b"9" * length + b"s\xe7" + b"9" * length)][:1] == ["cp1252"]
