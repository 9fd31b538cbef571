// Opens a page in Chromium with the network off and prints what happened as JSON.
// node drive.mjs CHROMIUM PAGE [FOLDER]: FOLDER gets screenshots. Needs playwright-core and axe-core in NODE_PATH's place.
import { createRequire } from "node:module";
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [chromium, page_path, folder] = process.argv.slice(2);
const require = createRequire(join(process.env.NODE_MODULES_OF, "package.json"));
const { chromium: engine } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const looks = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", deviceScaleFactor: 2 },
};
const home = mkdtempSync(join(tmpdir(), "clv-chromium-"));
const found = { requests: [], console: [], errors: [], violations: {}, overflow: {}, headings: [], text: "", scripts: 0 };
for (const [look, options] of Object.entries(looks)) {
  const context = await engine.launchPersistentContext(join(home, look), {
    executablePath: chromium, headless: true, args: flags, offline: true, bypassCSP: false, ...options,
  });
  const page = await context.newPage();
  page.on("request", (r) => { if (!r.url().startsWith("file://")) found.requests.push(r.url()); });
  page.on("console", (m) => found.console.push(m.text()));
  page.on("pageerror", (e) => found.errors.push(String(e)));
  await page.goto("file://" + page_path);
  found.headings = await page.locator("h2").allInnerTexts();
  found.text = await page.evaluate(() => document.body.textContent);
  found.scripts = await page.evaluate(() => document.querySelectorAll("script,iframe,object,embed,img,link,[onload],[onclick],[onerror]").length);
  found.overflow[look] = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (folder) await page.screenshot({ path: join(folder, look + ".png"), fullPage: true });
  await page.evaluate(axe);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  found.violations[look] = result.violations.map((v) => `${v.id}: ${v.nodes.length} x ${v.nodes[0].html.slice(0, 200)}`);
  if (look === "light" && folder) await page.reload().then(() => page.pdf({ path: join(folder, "print.pdf"), format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } }));
  await context.close();
}
rmSync(home, { recursive: true, force: true });
console.log(JSON.stringify(found));
