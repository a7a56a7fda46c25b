// The pages in a real browser: sign in, see a release move, go back by the button, once with scripts and once without.
// Started with the address of a server and its token; says on standard output when it has come to where somebody else
// has to do something. Every wait is for something on a page.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { ADDRESS, TOKEN, RELEASE, SCREENS } = process.env;
const PATIENCE_MS = 30_000;
const SIZES = [
  { name: "wide", width: 1440, height: 900 },
  { name: "phone", width: 390, height: 844 },
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const faults = [];

function check(holds, what) {
  if (!holds) throw new Error(what);
}

function listenTo(page, name) {
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => faults.push(`${name}: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${name}: ${message.text()}`);
  });
}

async function signIn(page) {
  await page.goto(ADDRESS);
  check(new URL(page.url()).pathname === "/login", `${page.url()} is not the door`);
  await page.getByLabel("Token or password").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  check(new URL(page.url()).pathname === "/", `${page.url()} is not the first page`);
}

// What a screen reader and whoever sees little needs, as far as a machine can tell.
async function lookedAt(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  for (const one of found.violations) {
    faults.push(`${name}: ${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).join(" | ").slice(0, 400)}`);
  }
}

async function pictures(page, name) {
  for (const colorScheme of ["dark", "light"]) {
    // What fades in is fainter for a moment; whoever asks for no motion sees none of it.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const { name: size, width, height } of SIZES) {
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(SCREENS, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      check(wider <= 0, `${name} is ${wider} px wider than a ${size} screen`);
    }
    await lookedAt(page, `${name} (${colorScheme})`);
  }
  await page.setViewportSize({ width: SIZES[0].width, height: SIZES[0].height });
}

async function withScripts(browser) {
  const page = await (await browser.newContext()).newPage();
  listenTo(page, "with scripts");
  await signIn(page);
  await page.getByText("No release is under way").waitFor();
  console.log("ready to ship");

  // The first page finds the release by itself, and the storyboard moves by itself.
  await page.locator("#under-way").getByRole("link", { name: RELEASE, exact: true }).waitFor();
  await page.locator("#under-way").getByRole("link", { name: RELEASE, exact: true }).click();
  await page.locator("#frame-release").waitFor();
  await page.evaluate(() => (window.loadedOnce = true));
  await page.locator("#frame-release .figure", { hasText: "50 %" }).waitFor();
  await page.locator("#charts svg.chart .c-canary").first().waitFor({ state: "attached" });
  await pictures(page, "storyboard");
  const summary = page.locator("#plan > summary");
  await summary.click();
  await page.getByText("new submit flow").waitFor();
  return page;
}

async function withoutScripts(browser) {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  listenTo(page, "without scripts");
  await signIn(page);
  await page.locator("#under-way").getByRole("link", { name: RELEASE, exact: true }).click();
  await page.locator("#act-hold").click();
  await page.getByLabel("Why?").fill("the support team asked");
  await page.locator("#confirm").click();
  await page.locator("#answer", { hasText: "Held at 50%" }).waitFor();
  await page.locator("#answer", { hasText: "the support team asked" }).waitFor();
  return page;
}

async function goBack(page) {
  // Held by the other window, and this one knows.
  await page.locator("#answer .state.held").waitFor();
  check(await page.evaluate(() => window.loadedOnce), "the page was loaded again instead of being kept up to date");
  check(await page.locator("#plan").evaluate((fold) => fold.open), "what was opened stays open");
  await page.goto(ADDRESS);
  await page.getByRole("heading", { name: "1 held" }).waitFor();
  await pictures(page, "now");
  await page.goto(`${ADDRESS}/releases/${RELEASE}/gate`);
  await page.getByText("asked now").waitFor();
  await pictures(page, "gate");
  await page.goto(`${ADDRESS}/releases/${RELEASE}`);
  const button = page.locator("#act-rollback");
  check(/^Go back, /.test(await button.innerText()), `the button says ${await button.innerText()}`);
  // One key, one question, one confirmation.
  await page.keyboard.press("b");
  await page.getByLabel("Why?").waitFor();
  await pictures(page, "rollback");
  await page.keyboard.type("students lose answers");
  await page.locator("#confirm").click();
  await page.locator("#answer .state.restored").waitFor();
  await page.getByText("students lose answers").first().waitFor();
  await page.locator("#incident").getByText("all clear").waitFor();
  check((await page.locator("#act-rollback").count()) === 0, "there is nothing left to go back from");
  await pictures(page, "restored");
}

mkdirSync(SCREENS, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  const live = await withScripts(browser);
  const plain = await withoutScripts(browser);
  await goBack(live);
  // Without scripts the page looks again by itself.
  await plain.locator("#answer", { hasText: "Rolled back" }).waitFor();
  await live.goto(`${ADDRESS}/ledger?release=${RELEASE}&kind=rollback-decided`);
  await live.getByText("students lose answers").waitFor();
  await pictures(live, "ledger");
  check(faults.length === 0, faults.join("\n"));
  console.log("seen");
} catch (error) {
  // What was to be seen instead.
  for (const context of browser.contexts()) {
    for (const page of context.pages()) {
      console.error(page.url(), await page.locator("body").innerText().catch(() => "is gone"));
    }
  }
  throw new Error([...faults, error.message].join("\n"));
} finally {
  await browser.close();
}
