"""Encodings that are no UTF-8: the refusal names the right one, and its command works when copied."""

from pathlib import Path

import pytest
from conftest import Clv

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
