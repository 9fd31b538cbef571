"""Languages: catalogues that are whole, pages that speak them, figures as each language writes them."""

import ast
import html
import json
import pickle
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from conftest import Clv
from report.messages import TEMPLATE, branches, messages, sources, template, texts_of_errors

from clvcli.commands.backtest.challenger import told
from clvcli.commands.backtest.evidence import Evidence
from clvcli.commands.backtest.verdict import judge
from clvcli.core.errors import Notice
from clvcli.core.language import FOLDER, Language, languages, marked, spoken
from clvcli.core.marked import from_json, particulars, several
from clvcli.core.phrases import KINDS, noticed, warning_text
from clvcli.core.reasons import explained
from clvcli.report.edition import Edition
from clvcli.report.html import page, sections_of
from clvcli.report.screen import Screen, failed, warned
from clvcli.scoring.choose import Choice
from clvcli.scoring.redact import unquoted

TRANSLATED = [code for code in languages() if code != "en"]


def catalogue(code: str) -> Catalog:
    """The catalogue of a language as a translator sees it."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def texts(message: Any) -> list[str]:
    """The translations of a message."""
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def originals(message: Any) -> tuple[str, str]:
    """The English of a message, of one and of more."""
    return (message.id[0], message.id[-1]) if isinstance(message.id, tuple) else (message.id, message.id)


def test_the_languages_are_those_of_the_catalogues() -> None:
    assert languages() == ("en", "ar", "de", "es", "fr", "ru")


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_every_text_and_no_other(code: str) -> None:
    wanted = messages()
    found = {originals(m)[0]: m for m in catalogue(code) if m.id}
    assert sorted(wanted.keys() - found.keys()) == [], "untranslated"
    assert sorted(found.keys() - wanted.keys()) == [], "unused"
    for key, message in found.items():
        assert all(text and text == text.strip() for text in texts(message)), f"untranslated: {key}"
        assert isinstance(message.id, tuple) == isinstance(wanted[key], tuple), key


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_and_emphasis_are_those_of_the_original(code: str) -> None:
    catalog = catalogue(code)
    for message in catalog:
        one, original = originals(message)
        for text in texts(message):
            held = set(re.findall(r"{[^{}]*}", text))
            assert held in (set(re.findall(r"{[^{}]*}", original)), set(re.findall(r"{[^{}]*}", one))), text
            assert text.count("**") == original.count("**"), text
        if isinstance(message.id, tuple):
            assert len(texts(message)) == catalog.num_plurals, original


def test_the_template_of_translators_is_current() -> None:
    assert TEMPLATE.read_bytes() == template(), "python tests/report/messages.py"


ENGLISH_WORDS = {
    "heuristic", "beats", "wins", "customer", "buys", "spends", "purchases", "purchase", "better", "worse", "ranks",
    "than", "keep", "unknown", "held", "every", "window", "rule", "deviance", "loss", "value", "both",
}  # fmt: skip


def verdicts() -> list[str]:
    """Sentences of verdicts on models that win, are level, lose, and are hardly tested; and of the challenger."""

    def row(name: str, kind: str, *figures: float) -> dict[str, Any]:
        deviance, log_loss, gini, bias = figures
        value = {"all" if kind == "model" else "own": {"gini": gini, "bias": bias}}
        return {"name": name, "kind": kind, "deviance": deviance, "log_loss": log_loss, "value": value, "bias": bias,
                "rmse": deviance}  # fmt: skip

    model = row("bg-nbd", "model", 1.0, 0.5, 0.7, 0.1)
    tables = [
        [model, row("last window", "heuristic", 0.9, 0.501, 0.6, 0.01)],
        [model, row("best silence rule", "heuristic", 0.999, 0.4, 0.8, 0.4)],
        [row("bg-nbd", "model", 1.0, 0.5, 0.01, 0.5), row("same rate", "heuristic", 1.2, 0.6, 0.0, 0.6)],
    ]
    found: list[str] = []
    for table in tables:
        for error, purchases in ((0.0, 1000.0), (9.0, 12.0), (0.0, 0.0)):
            evidence = Evidence(purchases, lambda *_, error=error: error)
            found += judge(table, Choice("bg-nbd", (), 3, 91), "all", evidence).sentences
    for theirs, gini in ((0.9, 0.6), (1.1, 0.8), (1.1, None)):
        scores = {"model": 1.0, "challenger": theirs}
        ranks = {"model": gini and 0.7, "challenger": gini, "both": gini and 0.75}
        found.append(told({"model": "bg-nbd", "log_score": scores, "gini": ranks}))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_verdict_speaks_its_language(code: str) -> None:
    said = verdicts()
    assert len(said) >= 15
    for sentence in said:
        again = from_json(sentence, json.loads(json.dumps(particulars(sentence))))
        shown = Language(code).retold(again)
        assert shown is not None, sentence
        assert not ENGLISH_WORDS & set(re.findall(r"[a-z]{4,}", shown.lower())), shown


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_page_speaks_its_language(code: str, manifest: dict[str, Any], backtest: dict[str, Any]) -> None:
    t = Language(code, "EUR")
    manifest = {**manifest, "warnings": []}
    said = verdicts()
    backtest = {**backtest, "verdict": {"text": said, "told": [particulars(one) for one in said], "winners": {}}}
    content = page(manifest, backtest, Edition(t)).decode("utf-8")
    flow = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{flow}">' in content
    english = {s.title for s in sections_of(manifest, backtest)}
    assert not english & {s.title for s in sections_of(manifest, backtest, t)} - {"Horizon"}
    body = re.sub(r"<style>.*?</style>|<code.*?</code>|<[^>]*>", " ", content, flags=re.DOTALL)
    for phrase in ("customers", "expected", "champions", "Begin with", "purchases", "share of"):
        allowed = code in ("es", "fr", "de") and phrase == "champions"
        assert allowed or phrase not in body.lower().replace("customer_id", ""), phrase
    assert "€" in body


def test_figures_are_written_as_a_language_writes_them() -> None:
    def written(code: str) -> tuple[str, ...]:
        t = Language(code, "EUR")
        plain = (t.money(1234567), t.percent(0.456), t.count(1234), t.day("2024-12-31"), t.span("12m"))
        return tuple(text.replace("\xa0", " ").replace("\u202f", " ") for text in plain)

    assert written("en") == ("€1,234,567", "46%", "1,234", "31 Dec 2024", "12 months")
    assert written("de") == ("1.234.567 €", "46 %", "1.234", "31. Dez. 2024", "12 Monate")
    assert written("ru") == ("1 234 567 €", "46 %", "1 234", "31 дек. 2024 г.", "12 месяцев")
    assert written("fr") == ("1 234 567 €", "46 %", "1 234", "31 déc. 2024", "12 mois")
    assert written("ar")[4] == "12 شهرًا"
    assert Language("de").money(12.5) == "12,50"


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "1 клиент"),
        (2, "2 клиента"),
        (5, "5 клиентов"),
        (11, "11 клиентов"),
        (21, "21 клиент"),
        (112, "112 клиентов"),
    ],
)
def test_a_language_counts_in_its_own_forms(n: int, said: str) -> None:
    assert Language("ru").many("{n} customer", "{n} customers", n) == said


def test_the_field_s_own_terms_are_used() -> None:
    russian, arabic = Language("ru"), Language("ar")
    phases = ["attract", "retain", "grow", "cherish", "reactivate"]
    assert [russian.name(p) for p in phases] == [
        "привлечь", "сохранить", "увеличить ценность", "дорожить", "реактивировать"
    ]  # fmt: skip
    assert [arabic.name(p) for p in phases] == ["جذب", "احتفاظ", "تنمية", "اعتزاز", "إعادة تنشيط"]
    assert russian.name("champions") == "патроны"
    assert russian.name("my own stage") == "my own stage"


def test_flag_before_environment_before_file_and_never_the_machine(clv: Clv, scored: Path, tmp_path: Path) -> None:
    def spoken(*args: str, **environment: str) -> str:
        done = clv("report", scored, "-o", "-", *args, LANG="de_DE.UTF-8", LC_ALL="de_DE.UTF-8", **environment)
        assert done.code == 0, done.err
        found = re.search(r'<html lang="(\w+)"', done.out.decode())
        assert found is not None
        return found[1]

    assert spoken() == "en"
    (tmp_path / "clv.yaml").write_text("lang: fr\n")
    assert spoken() == "fr"
    assert spoken(CLV_LANG="es") == "es"
    assert spoken("--lang", "ru", CLV_LANG="es") == "ru"


def test_an_unknown_language_is_one_line(clv: Clv, scored: Path) -> None:
    done = clv("report", scored, "--lang", "xx")
    assert done.code == 2
    assert "xx" in done.err


def test_title_currency_and_logo(clv: Clv, scored: Path, tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 100
    (tmp_path / "logo.png").write_bytes(png)
    done = clv("report", scored, "-o", "-", "--title", "Blumen & Co", "--currency", "EUR", "--logo", "logo.png")
    text = done.out.decode()
    assert done.code == 0, done.err
    assert "<h1>Blumen &amp; Co</h1>" in text
    assert 'src="data:image/png;base64,' in text
    assert "img-src data:;" in text
    assert "€" in text
    plain = clv("report", scored, "-o", "-").out.decode()
    assert "img-src" not in plain
    assert "<img" not in plain


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.png", None, "No such file"),
        ("page.svg", b"<svg><script>1</script></svg>", "is no image"),
        ("big.png", b"\x89PNG\r\n\x1a\n" + b"0" * 300_000, "is too large"),
    ],
)
def test_a_bad_logo_is_one_line(
    clv: Clv, scored: Path, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = clv("report", scored, "--logo", name, "-o", "page.html")
    assert done.code == 3
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("code", TRANSLATED)
def test_warnings_and_errors_keep_code_and_particulars_behind_the_translated_sentence(code: str) -> None:
    t = Screen(code)
    said = warned("identical_lines", "102 identical lines", t)
    assert t(explained("identical_lines")[0]) in said
    assert explained("identical_lines")[0] not in said
    assert t(explained("identical_lines")[1]) in said
    assert explained("identical_lines")[1] not in said
    assert said.endswith("(102 identical lines) [clv help identical_lines]")
    error = failed("a.csv: is not UTF-8", "--encoding cp1252", "encoding_unknown", t)
    assert error.startswith(t(explained("encoding_unknown")[0]))
    assert "a.csv: is not UTF-8" in error
    assert "--encoding cp1252" in error
    assert "hint:" not in error


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("exit_code", sorted(KINDS))
def test_an_error_that_no_catalogue_has_says_its_kind(code: str, exit_code: int) -> None:
    t = Screen(code)
    said = failed("a.csv: broke", "clv score --help", None, t, exit_code)
    assert said.startswith(f"{t(KINDS[exit_code])} (a.csv: broke)")
    assert "clv score --help" in said


def _assigned(function: ast.AST, name: str) -> list[ast.expr]:
    """What a function gives a name, each branch of a choice."""
    given = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets)
    ]
    return [branch for value in given for branch in branches(value)]


def _is_bare(text: ast.expr) -> bool:
    """Whether English is written there without a mark."""
    if isinstance(text, ast.BinOp):
        return _is_bare(text.left) or _is_bare(text.right)
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    words = "".join(str(part.value) if isinstance(part, ast.Constant) else "{x}" for part in parts)
    return spoken(words) if isinstance(text, ast.JoinedStr | ast.Constant) else False


def test_what_a_warning_says_is_marked_with_its_particulars() -> None:
    bare = []
    for file in sources(every=True):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            calls = [n for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
            told = [call.args[1] for call in calls if call.func.id == "Notice" and len(call.args) == 2]  # type: ignore[attr-defined]
            told += [k.value for call in calls if call.func.id in ("marked", "several") for k in call.keywords]  # type: ignore[attr-defined]
            for text in told:
                each = _assigned(function, text.id) if isinstance(text, ast.Name) else branches(text)
                bare += [f"{file.name}:{one.lineno} {ast.unparse(one)}" for one in each if _is_bare(one)]
    assert sorted(set(bare)) == [], 'marked("... {name} ...", name=name) keeps a warning for the catalogues'


DIRTY = (
    "customer_id,date,amount,status,note,note\n"
    + "".join(f"{100 + n},2023-{1 + n % 12:02d}-1{n % 9},{n}.50,paid,1,2\n" for n in range(60))
    + "A1 ,2023-05-05,7,paid,,\na1,2023-05-06,8,paid,,\nguest,2023-05-07,9,draft,,\n007,2023-05-08,0,paid,,\n"
    "7,2023-06-08,5,paid,,\nx,2023-07-01,4,paid,,\nx,2023-07-01,4,paid,,\ny,2023-08-01,-9.999,paid,,\n"
    "200.0,2021-01-01,3,paid,,\n"
)
"""A log of which much is told."""


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_dirty_log_is_told_without_an_english_word(clv: Clv, tmp_path: Path, code: str) -> None:
    (tmp_path / "dirty.csv").write_text(DIRTY)
    done = clv("score", "dirty.csv", "--lang", code, "-v", "-o", "out.csv", "--no-model", COLUMNS="1000")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "out.csv.run.json").read_text("utf-8"))
    assert len(manifest["warnings"]) > 7
    t = Language(code)
    told = [noticed(w["code"], warning_text(w, str), t) for w in manifest["warnings"]]
    for text, warning in zip(told, manifest["warnings"], strict=True):
        values = [re.escape(value) for value in warning["values"].values() if isinstance(value, str) and value]
        words = re.sub("|".join([*sorted(values, key=len, reverse=True), "--[a-z]+ [a-z]+"]), " ", text)
        assert warning["message"] not in text
        assert not re.findall(r"\b(?:the|is|are|of|with|which|records?|lines?|like|leave|and)\b", words), text
    page = clv("report", "out.csv", "-o", "-").out.decode()
    assert all(html.escape(w["message"]) not in page for w in manifest["warnings"])
    assert Screen(code).told(manifest["warnings"][0]["message"]) == manifest["warnings"][0]["message"]


def test_particulars_survive_a_manifest_and_are_hidden_with_what_they_cite() -> None:
    told = marked(
        "{value} ({records} worth {worth:,.2f})",
        value="'Ann'",
        records=several("{n:d} record", "{n:d} records", 2),
        worth=1234.5,
    )
    assert told == "'Ann' (2 records worth 1,234.50)"
    written = json.loads(json.dumps(Notice("status_column", told).document()))
    again = warning_text(written, str)
    assert Language("de").retold(again) == "'Ann' (2 Datensätze, Wert 1.234,50)"
    assert unquoted(again) == "(redacted) (2 records worth 1,234.50)"
    assert "Ann" not in str(particulars(unquoted(again)))
    day = marked("before {day:%Y-%m-%d}", day=date(2024, 3, 1))
    assert day == "before 2024-03-01"
    assert Language("de").retold(from_json(day, particulars(day))) == "vor dem 1. März 2024"
    assert from_json("text", {"template": "{x", "values": {}}) == "text"
    assert from_json("text", {}) == "text"


def test_an_error_keeps_its_values_and_those_of_what_it_quotes() -> None:
    problem = marked("is one of {known}", known="a, b")
    message = marked(
        "{flag}: {text}", flag="--model", text=marked("{problem}; got {part}", problem=problem, part="'c'")
    )
    assert message == "--model: is one of a, b; got 'c'"
    assert Screen("de").told(message) == "--model: ist eines von a, b; war 'c'"
    assert Screen("ru").told(marked("{flag}: {text}", flag="-x", text="data")) == "-x: data"
    assert Screen("es").told("a text of the data") == "a text of the data"
    assert Screen("de").told(pickle.loads(pickle.dumps(message))) == Screen("de").told(message)


def test_errors_and_hints_that_hold_values_are_marked() -> None:
    bare = [
        f"{place} {ast.unparse(text)}"
        for place, text in texts_of_errors()
        if isinstance(text, ast.JoinedStr)
        and spoken("".join(str(v.value) if isinstance(v, ast.Constant) else "{x}" for v in text.values))
    ]
    assert bare == [], 'marked("... {name} ...", name=name) keeps an error for the catalogues'


WRONG = {
    "no such file": "score none.csv",
    "near file": "score log.cvs",
    "option": "score log.csv --horizn 3m",
    "value": "score log.csv --horizon 3x",
    "choice": "score log.csv --returns nett",
    "argument": "score log.csv --date",
    "command": "scor log.csv",
    "column": "score log.csv --customer who",
    "missing columns": "score odd.csv",
    "dates": "score log.csv --date-format %Y",
    "date order": "score order.csv",
    "currencies": "score money.csv",
    "rejects": "score bad.csv",
    "nothing": "score words.csv",
    "empty": "score empty.csv",
    "kind": "score page.csv",
    "no effect": "score log.csv --salt x --line-id amount",
    "customer": "explain log.csv nobody",
    "table": "top log.csv",
    "rules": "score log.csv --rules nosuch",
    "preset": "score log.csv --rules broken.yaml",
    "folder": "score log.csv -o none/x.csv",
    "suffix": "score log.csv -o x.csv.gz",
    "little": "fit bad.csv --max-rejects 100%",
    "condition": "score log.csv --where amount",
    "column of SQL": "score log.csv --where amounts>0",
    "aggregate": "score log.csv --where sum(amount)>0",
    "kinds": "score log.csv --where date>1",
    "syntax": "score log.csv --where (amount>1",
}  # fmt: skip
ENGLISH = re.compile(
    r"\b(?:the|is|are|not|of|or|name|names|with|which|that|did you|such|there|look|leave|write|give|mend)\b"
)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of logs that are right, and wrong in many ways."""
    folder = tmp_path_factory.mktemp("wrong")
    rows = "".join(f"{who},2024-0{month}-1{who},{who}.5\n" for who in range(4) for month in (1, 3, 5))
    files = {
        "log.csv": "customer_id,date,amount\n" + rows,
        "odd.csv": "a,b\nx,y\nz,w\n",
        "order.csv": "customer_id,date,amount\n1,01/02/2024,5\n2,03/04/2024,6\n",
        "money.csv": "customer_id,date,amount,currency\n1,2024-01-02,5,EUR\n2,2024-01-03,6,USD\n",
        "bad.csv": "customer_id,date,amount\n1,2024-01-02,5\n2,2024-01-03,free\n",
        "words.csv": "customer_id,date,amount\n1,2024-01-02,\n2,2024-01-03,\n",
        "empty.csv": "",
        "page.csv": "<html><body>no</body></html>\n",
        "broken.yaml": "stages:\n  - stage: a\n    when: purchases > 1\n    wen: 2\notherwise: {stage: b}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_wrong_first_is_told_in_the_reader_s_language(clv: Clv, wrong: Path, case: str) -> None:
    english = clv(*WRONG[case].split(), cwd=wrong)
    for code in TRANSLATED:
        done = clv(*WRONG[case].split(), cwd=wrong, CLV_LANG=code)
        assert done.code == english.code != 0, english.err
        last = done.err.splitlines()[-1].partition(" [clv help")[0]
        words = re.sub(r"'[^']*'|--?[a-z][\w-]*(?: [\w.]+)?|\bclv [a-z]+(?: [a-z]+)?", " ", last)
        assert not ENGLISH.findall(words), last
        assert not any(Screen(code)(kind) in last for kind in KINDS.values()), last


def test_a_short_number_has_three_digits_that_say_something() -> None:
    number = 23620.188080333333
    assert {code: Language(code).short(number) for code in ("en", "de", "ru")} == {
        "en": "23.6K", "de": "23.600", "ru": "23,6\u00a0тыс.",
    }  # fmt: skip
    assert all(len(Language(code).short(number)) <= 12 for code in languages())


def test_in_arabic_options_and_particulars_keep_the_order_of_their_letters() -> None:
    said = noticed("identical_lines", "102 lines; --duplicates drop", Language("ar"))
    assert "\u2066--duplicates drop\u2069" in said
    assert said.endswith("(\u2066102 lines; --duplicates drop\u2069)")
    assert "\u2066" not in warned("identical_lines", "102 lines", Screen("ar"))


def test_english_warnings_and_errors_are_their_messages() -> None:
    assert warned("no_clv", "no clv", Screen()) == "warning: no clv [clv help no_clv]"
    assert failed("a: b", "c", "file_kind", Screen()) == "a: b (hint: c)"


def test_an_error_speaks_before_the_options_are_read(clv: Clv) -> None:
    done = clv("top", "none.csv", "--lang", "ru")
    assert "подсказка:" in done.err
    assert "подсказка:" in clv("top", "none.csv", "--nosuch", CLV_LANG="ru").err
    assert "hint:" in clv("top", "none.csv", LANG="ru_RU.UTF-8").err
