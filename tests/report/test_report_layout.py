"""The page as a browser lays it out, at every width: nothing cut off, no small letters, few screens.

Skips where Chromium is missing. The page's policy forbids scripts, so a frame around it measures.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clvcli.core.language import Language
from clvcli.report.edition import Edition
from clvcli.report.html import page

pytestmark = pytest.mark.slow

SCREENS = {1440: 900, 1024: 768, 768: 1024, 390: 844}
SMALLEST = 11
MEASURE = """
const frame = document.querySelector('iframe');
frame.onload = () => {
  const doc = frame.contentDocument, root = doc.documentElement, view = frame.contentWindow, width = view.innerWidth;
  doc.querySelectorAll('details').forEach((d) => { d.open = d.closest('#appendix') !== null || OPEN; });
  const sizes = [...doc.querySelectorAll('svg text, p, td, th, li, span, h1, h2, h3, h4, summary')].map(
    (e) => parseFloat(view.getComputedStyle(e).fontSize));
  const outside = [...doc.querySelectorAll('body *')].filter((e) => {
    if (e.closest('.scroll, nav, .hidden, .skip') || e.closest('details:not([open])')) return false;
    const box = e.getBoundingClientRect();
    return box.width > 0 && (box.right > width + 1 || box.left < -1);
  }).map((e) => e.outerHTML.slice(0, 120));
  const meeting = [...doc.querySelectorAll('svg[role=img]')].flatMap((svg) => {
    const boxes = [...svg.querySelectorAll('text')].map((e) => [e, e.getBoundingClientRect()]).filter(
      ([, b]) => b.width > 0);
    return boxes.flatMap(([e, a], i) => boxes.slice(i + 1).filter(([, b]) => a.left + 1 < b.right - 1 &&
      b.left + 1 < a.right - 1 && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3).map(
      ([f]) => e.textContent + ' | ' + f.textContent));
  });
  const cut = [...doc.querySelectorAll('figure svg text')].filter((e) => {
    const box = e.getBoundingClientRect(), room = e.closest('figure').getBoundingClientRect();
    const scrolled = e.closest('.scroll'), back = root.dir === 'rtl';
    const early = box.left < room.left - 1 && !(scrolled && back), late = box.right > room.right + 1;
    return box.width > 0 && (early || (late && !(scrolled && !back)));
  }).map((e) => e.textContent);
  const found = {smallest: Math.min(...sizes), wide: root.scrollWidth - width, outside, meeting, cut,
    main: doc.querySelector('#appendix').getBoundingClientRect().top + view.scrollY};
  document.body.textContent = 'FOUND' + JSON.stringify(found) + 'END';
};
"""


def laid_out(file: Path, width: int, *, opened: bool = False) -> dict[str, Any]:
    """What a browser of this width says of the page."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("needs chromium, which is not here")
    frame = file.with_name(f"frame-{width}-{opened}.html")
    script = MEASURE.replace("OPEN", str(opened).lower())
    style = f"border:0;width:{width}px;height:{SCREENS[width]}px"
    frame.write_text(
        f'<meta charset="utf-8"><body><iframe style="{style}"></iframe>'
        f"<script>{script} frame.src = {file.as_uri()!r};</script></body>",
        encoding="utf-8",
    )
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--hide-scrollbars"]
    command = [browser, *flags, "--virtual-time-budget=5000", "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    told = re.search(r"FOUND(.*)END", html.unescape(done.stdout.decode("utf-8", "replace")), re.DOTALL)
    assert told is not None, done.stderr.decode("utf-8", "replace")[-500:]
    found: dict[str, Any] = json.loads(told[1])
    return found


@pytest.mark.parametrize("code", ["en", "de", "ru", "ar"])
@pytest.mark.parametrize("width", SCREENS)
def test_nothing_is_cut_off_and_nothing_is_small(
    code: str, width: int, manifest: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(page(manifest, None, Edition(Language(code, "EUR"))))
    found = laid_out(tmp_path / "page.html", width, opened=True)
    assert found["wide"] <= 0
    assert found["outside"] == []
    assert found["meeting"] == []
    assert found["cut"] == []
    assert found["smallest"] >= SMALLEST


@pytest.mark.parametrize(("width", "most"), [(1440, 4), (390, 6)])
@pytest.mark.parametrize("code", ["en", "ru"])
def test_a_reader_is_through_in_few_screens(
    code: str, width: int, most: float, manifest: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(page(manifest, None, Edition(Language(code, "EUR"))))
    assert laid_out(tmp_path / "page.html", width)["main"] <= most * SCREENS[width]


def test_hostile_names_break_no_layout(hostile: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(page(hostile))
    assert laid_out(tmp_path / "page.html", 390)["wide"] <= 0


def test_the_measure_sees_what_it_must(manifest: dict[str, Any], tmp_path: Path) -> None:
    """The negative control: a wide box, small letters and labels that meet are found."""
    wide = b"<pre>" + b"x" * 400 + b"</pre>"
    over = b'<figure><svg role="img" width="90" height="20"><text y="15">one</text><text x="5" y="15">two</text>'
    over += b'<text x="-50" y="19">far off</text></svg></figure>'
    content = page(manifest).replace(b"</main>", wide + over + b"</main>")
    (tmp_path / "page.html").write_bytes(content.replace(b'font-size="12"', b'font-size="9"'))
    found = laid_out(tmp_path / "page.html", 390)
    assert found["smallest"] == 9
    assert found["wide"] > 0
    assert found["meeting"] == ["one | two"]
    assert found["cut"] == ["far off"]
