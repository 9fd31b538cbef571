"""Columns whose values say that no money came: told with records and money of each value, and how to leave them out."""

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import Notice
from clvcli.log.columns import plain, quoted
from clvcli.log.suspicions import some

Tally = Mapping[tuple[str, str], tuple[int, int]]
"""(column, value) -> records, minor units."""
LOOK, FEW, MOST_SHOWN = 500, 25, 4
NO_MONEY = re.compile(
    r"fail(ed|ure)?|cancel+(ed|led|ation)?|void(ed)?|refund(ed)?|full(y)? ?refunded|pending|draft|charge ?back|"
    r"uncollectible|declined?|rejected|expired|unpaid|abandoned|on ?hold|error|test|return(ed)?|reversed|reversal|"
    r"storniert|storno|abgebrochen|fehlgeschlagen|erstattet|offen|retoure|annul[eé]e?s?|rembours[eé]e?|[eé]chou[eé]e?|"
    r"cancelad[ao]|reembolsad[ao]|pendiente|fallid[ao]|devuelt[ao]|estornad[ao]|pendente|devolvid[ao]|"
    r"annullat[ao]|rimborsat[ao]|in attesa|fallit[ao]|anulowan[ey]|zwrot|zwr[oó]cone|oczekuj[aą]ce|nieudane|"
    r"отмен[её]н[ао]?|возврат|ожидает|ошибка|не оплачен[ао]?|iptal( edildi)?|iade( edildi)?|beklemede|başarısız|"
    r"ملغي|ملغى|مسترد|معلق|فشل|בוטל|זוכה|ממתין|נכשל|لغو شده|キャンセル|返金|返品|保留|失敗|取消|"
    r"已取消|退款|已退款|待付款|失败"
)
FLAG_NAME = re.compile(r".*(cancel|void|refunded|storn|annul|chargeback|istest|isreturn|iptal).*")
YES = ("1", "true", "yes", "y", "t", "ja", "oui", "si", "sí", "sim", "да")


def said_by(column: str, value: str) -> bool:
    """Whether the value says in this column that no money came."""
    word = re.sub(r"[\s_-]+", " ", value.strip().lower()).removeprefix("wc ")
    if NO_MONEY.fullmatch(word):
        return True
    return word in YES and FLAG_NAME.fullmatch(plain(column)) is not None


def tally(frame: pl.DataFrame, amount: pl.Series, alive: npt.NDArray[np.bool_], skip: frozenset[str]) -> Tally:
    """Records and money of each value of the columns of which a first value says so. `skip`: columns with a role."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for name in frame.columns:
        if name in skip or frame[name].dtype not in (pl.String, pl.Boolean, pl.Int64, pl.Int32, pl.Int8):
            continue
        values = frame[name].head(LOOK).cast(pl.String).drop_nulls().unique()
        if values.len() > FEW or not any(said_by(name, value) for value in values):
            continue
        table = pl.DataFrame({"v": frame[name].cast(pl.String), "a": amount}).filter(pl.Series(alive))
        counted = table.drop_nulls("v").group_by("v").agg(pl.len().alias("n"), pl.col("a").sum())
        found |= {(name, value): (n, units) for value, n, units in counted.iter_rows()}
    return found


def status_notices(found: Tally, decimals: int) -> list[Notice]:
    """One for each column, with a --where to copy."""
    notices = []
    for column in dict.fromkeys(name for name, _ in found):
        bad = {v: found[column, v] for _, v in sorted(k for k in found if k[0] == column) if said_by(column, v)}
        rest = any(name == column and value not in bad for name, value in found)
        if not bad or not rest:
            continue
        ranked = sorted(bad, key=lambda value: (-bad[value][0], value))
        shown = ", ".join(
            f"{value} ({some(bad[value][0], 'record')} worth {bad[value][1] / 10**decimals:,.2f})"
            for value in ranked[:MOST_SHOWN]
        )
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in ranked)
        name = quoted(column).replace('"', '\\"')
        message = f"{column} says that no money came, yet it counts: {shown}"
        where = f"{name} NOT IN ({listed})"
        notices.append(Notice("status_column", f'{message}; leave them out: --where "{where}"'))
    return notices
