"""The page in Chromium with the network off: no request, no console error, no violation that axe-core finds; and its
HTML as the Nu Html Checker of the W3C sees it.

Skips where Chromium, node, npm or Java is missing, or where npm cannot fetch axe-core, playwright-core and vnu-jar.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clvcli.core.language import Language
from clvcli.report.edition import Edition
from clvcli.report.html import page

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SECTIONS = 7


def _found(*names: str) -> str:
    path = next((p for p in map(shutil.which, names) if p), None)
    if path is None:
        pytest.skip(f"needs {' or '.join(names)}, which is not here")
    return path


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with playwright-core, axe-core and vnu-jar: $TEST_NODE_MODULES, else fetched now."""
    given = os.environ.get("TEST_NODE_MODULES")
    if given:
        return Path(given)
    npm, folder = _found("npm"), tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "playwright-core", "axe-core", "vnu-jar"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm cannot fetch playwright-core, axe-core and vnu-jar in time")
    if done.returncode:
        pytest.skip("npm cannot fetch playwright-core, axe-core and vnu-jar")
    return folder


def drive(file: Path, modules: Path) -> dict[str, Any]:
    """What Chromium says of the page in light, dark and phone."""
    command = [
        _found("node"),
        str(HERE / "drive.mjs"),
        _found("chromium", "chromium-browser", "google-chrome"),
        str(file),
    ]
    environment = {**os.environ, "NODE_MODULES_OF": str(modules)}
    done = subprocess.run(command, capture_output=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def assert_clean(found: dict[str, Any]) -> None:
    """Nothing loaded, nothing run, nothing said, nothing cut off, nothing inaccessible."""
    assert found["requests"] == []
    assert found["console"] == []
    assert found["errors"] == []
    assert found["scripts"] == 0
    assert found["violations"] == {"light": [], "dark": [], "phone": []}
    assert all(over <= 0 for over in found["overflow"].values()), found["overflow"]
    assert len(found["headings"]) == SECTIONS


def test_the_page(manifest: dict[str, Any], backtest: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(page(manifest, backtest))
    assert_clean(drive(tmp_path / "page.html", modules))


def test_the_page_with_hostile_names(hostile: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(page(hostile))
    found = drive(tmp_path / "page.html", modules)
    assert_clean(found)
    assert "<script>alert(1)</script>" in found["text"]


def test_the_driver_sees_what_it_must(manifest: dict[str, Any], modules: Path, tmp_path: Path) -> None:
    """The negative control: a picture without words, a script and a foreign address are found."""
    bad = '<img src="https://example.invalid/x.png"><script>console.error("ran")</script></main>'
    (tmp_path / "page.html").write_bytes(page(manifest).replace(b"</main>", bad.encode()))
    found = drive(tmp_path / "page.html", modules)
    assert found["scripts"] == 2
    assert any("Content Security Policy" in line for line in found["console"])
    assert any(v.startswith("image-alt") for v in found["violations"]["light"])
    assert "ran" not in found["console"]


def checked(folder: Path, modules: Path) -> list[str]:
    """What the checker has to say of the pages of a folder, warnings too."""
    jar = next(modules.glob("node_modules/vnu-jar/build/dist/vnu.jar"), None)
    if jar is None:
        pytest.skip("npm has fetched no vnu-jar")
    command = [_found("java"), "-jar", str(jar), "--format", "json", "--skip-non-html", str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=240, check=False)
    return [f"{Path(m['url']).name}: {m['message']}" for m in json.loads(done.stderr)["messages"]]


def test_pages_are_valid_html(
    manifest: dict[str, Any], backtest: dict[str, Any], hostile: dict[str, Any], modules: Path, tmp_path: Path
) -> None:
    pages = {lang: page(manifest, backtest, Edition(t=Language(lang))) for lang in ("en", "ru", "ar", "de", "es", "fr")}
    pages |= {"hostile": page(hostile), "bad": page(manifest).replace(b"</main>", b"<p><img src=x></section></main>")}
    for name, content in pages.items():
        (tmp_path / f"{name}.html").write_bytes(content)
    told = checked(tmp_path, modules)
    assert [one for one in told if not one.startswith("bad")] == []
    assert any(one.startswith("bad") for one in told), "the checker must see what is broken"
