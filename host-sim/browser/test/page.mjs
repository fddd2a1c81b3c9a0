// The page in a real browser: node page.mjs FOLDER MODULE COMMAND
// FOLDER is where the build put the page; screenshots go into it. Chromium is the system's, or the one that CHROMIUM names.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import test, { after, before } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { collect } from "../gallery.mjs";
import { trapping } from "./trapping.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [folder, wasm, command] = process.argv.slice(2).map((path) => resolve(path));
const file = pathToFileURL(join(folder, "claimgate.html")).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const gallery = collect(join(here, "../../../manual"));

const executablePath = [process.env.CHROMIUM, ...["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].flatMap((name) => {
  return (process.env.PATH ?? "").split(":").map((path) => join(path, name));
})].find((path) => path && existsSync(path));
if (!executablePath) {
  console.log("there is no Chromium, so the page was not tested: install it, or name it in CHROMIUM");
  process.exit(process.env.CHROMIUM_REQUIRED ? 1 : 0);
}

let browser;
/** What pages said or asked for that they should not. */
const complaints = [];

before(async () => {
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});
after(() => browser?.close());

/** A page in a profile of its own, offline, whose every message and request is noted. */
async function opened({ url = file, width = 1280, height = 900, scheme = "light", strict = true, ready = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce", offline: true });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  if (strict) {
    page.on("console", (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => /^(file|blob):/.test(request.url()) || complaints.push(`request: ${request.url()}`));
  }
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ request }) => {
    if (strict && !/^(file|blob):/.test(request.url)) complaints.push(`network: ${request.url}`);
  });
  await page.goto(url);
  if (ready) await evaluated(page, 0);
  return page;
}

const count = (page) => page.evaluate(() => Number(document.documentElement.dataset.evaluated ?? 0));

/** Waits for an evaluation after the one with this number, and for no other to follow. */
async function evaluated(page, since) {
  await page.waitForFunction((than) => Number(document.documentElement.dataset.evaluated ?? 0) > than, since);
  for (let last = -1, now = await count(page); last !== now; now = await count(page)) {
    last = now;
    await page.waitForTimeout(120);
  }
}

/** Does something and waits for what comes of it. */
async function doing(page, act) {
  const since = await count(page);
  await act();
  await evaluated(page, since);
}

async function write(page, place, text) {
  await page.locator(`#${place} .cm-content`).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

/** How many times as long as its own work something takes here because of other programs; at least 1. */
function busyness() {
  const [started, before] = [performance.now(), process.cpuUsage()];
  let sum = 0;
  while (process.cpuUsage(before).user < 200_000) for (let index = 0; index < 1e5; index++) sum += Math.sqrt(index);
  return Math.max(1, (performance.now() - started) / 200) + 0 * sum;
}

const headline = (page) => page.locator("#verdict-line").textContent();
const kind = (page) => page.locator("#verdict").getAttribute("data-kind");
const texts = (page, selector) => page.locator(selector).allTextContents();

test("each example of the manual keeps its promise", { timeout: 120_000 }, async () => {
  const page = await opened();
  assert.ok(gallery.length > 30, `${gallery.length} examples`);
  await page.click("#open-examples");
  assert.equal(await page.locator("#gallery button").count(), gallery.length);
  for (const [index, example] of gallery.entries()) {
    if (index > 0) await page.click("#open-examples");
    await doing(page, () => page.locator("#gallery button").nth(index).click());
    assert.equal(await page.locator("#findings li:not(.warning)").count(), 0, `${example.title} is accepted`);
    if (example.reason) assert.match(await headline(page), new RegExp(`^Refused 40. ${example.reason}$`), example.title);
    else if (example.claims) assert.equal(await headline(page), "Admitted", example.title);
  }
  await page.context().close();
});

test("a token is made, verified, changed by one character and refused", async () => {
  const page = await opened();
  for (const algorithm of ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]) {
    await doing(page, () => page.selectOption("#token-algorithm", algorithm));
    assert.equal(await headline(page), "Admitted", algorithm);
  }
  await doing(page, () => page.selectOption("#token-key", "other"));
  assert.match(await headline(page), /^Refused 401 signature_invalid/);
  await doing(page, () => page.selectOption("#token-key", "issuer"));
  await doing(page, () => page.click("#edit-token"));
  assert.equal(await headline(page), "Admitted");
  const text = await page.inputValue("#token-text");
  const at = text.length - 10;
  await doing(page, () => page.fill("#token-text", text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1)));
  assert.match(await headline(page), /^Refused 401 signature_invalid/);
  assert.deepEqual(await texts(page, ".steps .stopped .name"), ["Signature"]);
  await page.context().close();
});

test("the clock, the keys and the request decide as they do in the module", async () => {
  const page = await opened();
  const now = Date.parse(await page.inputValue("#now")) / 1000;
  await doing(page, () => page.click("#edit-token"));
  await doing(page, () => page.fill("#now", String(now + 4000)));
  assert.match(await headline(page), /^Refused 401 token_expired/);
  await doing(page, () => page.fill("#now", String(now)));
  for (const how of ["status", "timeout", "reset", "html"]) {
    await doing(page, () => page.locator("#keys select").selectOption(how));
    assert.match(await headline(page), /^Refused 503 keys_unavailable/, how);
  }
  await doing(page, () => page.locator("#keys select").selectOption("page"));
  await doing(page, () => page.getByRole("button", { name: "no token", exact: true }).click());
  assert.match(await headline(page), /^Refused 401 no_credential/);
  await doing(page, () => page.getByRole("button", { name: "example", exact: true }).click());
  await doing(page, () => page.fill("#headers", "x-auth-subject: root"));
  const told = await page.locator(".steps li").first().textContent();
  assert.match(told, /removed x-auth-subject/);
  await page.context().close();
});

test("the mapping follows an edit within 100 ms", async () => {
  const page = await opened();
  const times = [];
  for (let index = 0; index < 8; index++) {
    await page.evaluate(() => {
      window.took = new Promise((done) => {
        document.querySelector("#claims .cm-content").addEventListener("beforeinput", () => {
          const started = performance.now();
          new MutationObserver((_, observer) => {
            observer.disconnect();
            done(performance.now() - started);
          }).observe(document.getElementById("groups"), { childList: true });
        }, { once: true });
      });
    });
    await doing(page, () => write(page, "claims", JSON.stringify({ sub: "alice", groups: ["Engineering", `other-${index}`] })));
    times.push(await page.evaluate(() => window.took));
    const rows = await texts(page, "#groups tbody tr");
    assert.deepEqual(rows.slice(0, 2), ["Engineeringdevelopers", `other-${index}dropped`]);
  }
  times.sort((a, b) => a - b);
  console.log(`# mapping after an edit: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  assert.ok(times[0] < 100, `the fastest of ${times.length} edits took ${times[0]} ms`);
  await page.context().close();
});

test("a refusal that is only reported is told as one", async () => {
  const page = await opened();
  const config = JSON.parse((await page.locator("#config .cm-line").allTextContents()).join("\n"));
  await doing(page, () => write(page, "config", JSON.stringify({ ...config, enforce: false })));
  await doing(page, () => page.selectOption("#token-key", "other"));
  assert.equal(await headline(page), "Admitted, not enforced: signature_invalid");
  assert.deepEqual(await texts(page, ".steps .stopped .name"), ["Signature"]);
  await page.context().close();
});

test("findings of the module are marked where they are", async () => {
  const page = await opened();
  await doing(page, () => write(page, "config", '{ "issuers": [{ "name": "a", "issuer": "https://a.example", "audiences": 7 }] }'));
  assert.match(await headline(page), /^Configuration refused/);
  assert.match((await texts(page, "#findings li"))[0], /^issuers\[0\]/);
  assert.ok((await page.locator("#config .cm-lintRange-error").count()) > 0);
  await doing(page, () => write(page, "config", '{ "issuers": [ '));
  assert.match(await headline(page), /^Configuration refused/);
  await page.context().close();
});

test("the editor completes and explains by the schema", async () => {
  const page = await opened();
  await write(page, "config", '{ "issuers": [], ');
  await page.keyboard.type('"rou');
  const option = page.locator(".cm-tooltip-autocomplete li", { hasText: "routes" });
  await option.waitFor();
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  assert.match(await page.locator("#config .cm-content").textContent(), /"routes": /);
  await page.locator("#config .tok-name", { hasText: "routes" }).hover();
  await page.locator(".hover").waitFor();
  await page.context().close();
});

/** Opens the dialog and returns its link, which the page packs after the dialog is there. */
async function sharedLink(page) {
  await page.click("#open-share");
  await page.waitForFunction(() => document.querySelector("#share-link").value.includes("#session="));
  return page.inputValue("#share-link");
}

test("sharing and opening again gives the same state", async () => {
  const page = await opened();
  await doing(page, () => page.fill("#headers", "x-request-id: 7"));
  await doing(page, () => page.fill("#path", "/orders?x=\u00e9"));
  await doing(page, () => page.fill("#now", "2026-01-01T00:00:00Z"));
  const link = await sharedLink(page);
  assert.equal(await page.locator("#share-alive-row").isVisible(), false);
  const other = await opened({ url: link });
  for (const id of ["headers", "path", "now", "host", "method", "token-name"]) {
    assert.equal(await other.inputValue(`#${id}`), await page.inputValue(`#${id}`), id);
  }
  for (const selector of ["#config .cm-content", "#claims .cm-content", "#verdict-line", "#steps"]) {
    assert.equal(await other.locator(selector).textContent(), await page.locator(selector).textContent(), selector);
  }
  assert.equal(await sharedLink(other), link);
  await Promise.all([page.context().close(), other.context().close()]);
});

test("a token that looks alive is shared only where that is ticked", async () => {
  const page = await opened();
  await doing(page, () => page.click("#edit-token"));
  await doing(page, () => page.fill("#headers", "cookie: id=secret"));
  const careful = await sharedLink(page);
  await page.check("#share-alive");
  await page.waitForFunction((link) => document.querySelector("#share-link").value !== link, careful);
  const whole = await page.inputValue("#share-link");
  const [safe, full] = [await opened({ url: careful }), await opened({ url: whole })];
  assert.equal(await safe.inputValue("#token-kind"), "none");
  assert.equal(await safe.inputValue("#headers"), "");
  assert.equal(await full.inputValue("#token-kind"), "pasted");
  assert.equal(await headline(full), "Admitted");
  await Promise.all([page, safe, full].map((one) => one.context().close()));
});

test("a session's replay file gives the command the same verdicts", { skip: !existsSync(command ?? "") }, async () => {
  const page = await opened();
  await page.click("#open-files");
  const lines = await page.inputValue("#replay");
  const { stdout } = spawnSync(command, ["replay", "--wasm", wasm], { input: `${lines}\n`, encoding: "utf8" });
  const outputs = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(outputs.map(({ verdict }) => verdict), ["admit", "refuse"]);
  await doing(page, () => page.click("#replay-load"));
  assert.equal(await headline(page), "Admitted");
  assert.equal(await page.inputValue("#token-kind"), "pasted");
  await page.context().close();
});

test("the matrix has every rule and every token", async () => {
  const page = await opened();
  const config = {
    issuers: [{ name: "workforce", issuer: "https://login.workforce.example", audiences: ["orders"], keys: { jwks_uri: "https://login.workforce.example/keys", cluster: "workforce" } }],
    routes: [{ name: "health", match: { path: "/health" }, access: "public" }, { name: "closed", match: { prefix: "/internal" }, access: "deny" }],
  };
  await doing(page, () => write(page, "config", JSON.stringify(config)));
  await doing(page, () => page.click("#tab-matrix"));
  const cells = await texts(page, "#matrix tbody td");
  assert.deepEqual(cells, ["✓ admitted", "✓ admitted", "✕ 403 route_denied", "✕ 403 route_denied", "✓ admitted", "✕ 401 no_credential"]);
  await page.context().close();
});

test("keyboard alone reaches everything", async () => {
  const page = await opened();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the result");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "verdict");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-decision");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("#matrix").isVisible(), true);
  await page.locator("#open-examples").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.id), "open-examples");
  await page.context().close();
});

test("the stamp is the module's", async () => {
  const page = await opened();
  const digest = createHash("sha256").update(readFileSync(wasm)).digest("hex");
  assert.equal(await page.locator("#digest").textContent(), digest);
  await page.context().close();
});

test("axe finds nothing, in either scheme and every view", { timeout: 120_000 }, async () => {
  for (const scheme of ["light", "dark"]) {
    const page = await opened({ scheme });
    const clean = async (where) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(" ; ")}`);
      assert.deepEqual(told, [], `${scheme}, ${where}`);
    };
    await clean("admitted");
    await doing(page, () => page.selectOption("#token-key", "other"));
    await clean("refused");
    for (const tab of ["matrix", "log"]) {
      await page.click(`#tab-${tab}`);
      await page.waitForTimeout(200);
      await clean(tab);
    }
    for (const dialog of ["examples", "share", "files"]) {
      await page.click(`#open-${dialog}`);
      await clean(dialog);
      await page.keyboard.press("Escape");
    }
    await doing(page, () => write(page, "config", '{ "issuers": [] }'));
    await clean("configuration refused");
    await page.context().close();
  }
});

test("hostile content is shown and nothing more", { timeout: 120_000 }, async () => {
  const markup = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><svg onload=window.pwned=1>`;
  const page = await opened();
  const heartbeat = () => page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    window.beat ??= setInterval(() => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
    }, 20);
    last = performance.now();
  });
  await heartbeat();
  // A second of a machine that has nothing else to do.
  let busiest = busyness();
  const quiet = async (what) => {
    assert.equal(await page.evaluate(() => window.pwned), undefined, what);
    assert.equal(await page.locator("img:not(.cm-widgetBuffer), svg").count(), 0, what);
    const longest = await page.evaluate(() => window.longest);
    console.log(`# ${what}: at most ${longest.toFixed(0)} ms between two timers`);
    await page.evaluate(() => (window.longest = 0));
    busiest = Math.max(busiest, busyness());
    const limit = 1000 * busiest;
    assert.ok(longest < limit, `${what}: nothing happened for ${longest.toFixed(0)} ms`);
  };
  await doing(page, () => write(page, "claims", JSON.stringify({ sub: markup, [markup]: [markup], groups: [markup, "a\u0000\u0007\u202eb"], scope: markup })));
  await quiet("claims");
  const issuer = { name: markup, issuer: markup, audiences: [markup], keys: { jwks_uri: markup, cluster: markup } };
  await doing(page, () => write(page, "config", JSON.stringify({ issuers: [issuer], routes: [{ name: markup, match: { path: markup } }], [markup]: markup })));
  await quiet("configuration");
  await doing(page, () => page.fill("#headers", `${markup}: ${markup}\nx-auth-subject: \u0007\u001b[31m\nx-a: ${"b".repeat(100_000)}`));
  await doing(page, () => page.fill("#path", `/${markup}`));
  await doing(page, () => page.fill("#token-name", markup));
  await quiet("request");
  await doing(page, () => write(page, "config", `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`));
  assert.match(await headline(page), /^Configuration refused/);
  await quiet("deep nesting");
  const many = Array.from({ length: 3000 }, (_, index) => ({ name: `i${index}`, issuer: `https://i${index}.example`, audiences: ["a"], keys: { jwks_uri: `https://i${index}.example/keys`, cluster: "c" }, groups: { map: { [`G${index}`]: ["g"] } } }));
  await doing(page, () => write(page, "config", JSON.stringify({ issuers: many })));
  await quiet("a megabyte of configuration");
  await doing(page, () => page.selectOption("#token-kind", "pasted"));
  await quiet("another kind of token");
  await doing(page, () => page.fill("#token-text", `a.${"b".repeat(1_000_000)}.c`));
  await quiet("a megabyte of token");
  await page.context().close();
});

test("a hostile link is opened and nothing more", async () => {
  const page = await opened();
  await page.click("#open-share");
  const link = await page.inputValue("#share-link");
  const bomb = execFileSync(process.execPath, ["-e", `
    const { deflateRawSync } = require("node:zlib");
    process.stdout.write(deflateRawSync(Buffer.alloc(300_000_000, 32)).toString("base64url"));`], { maxBuffer: 1 << 24, encoding: "utf8" });
  await page.context().close();
  for (const fragment of ["#session=", "#session=%3Cscript%3E", `#session=${"A".repeat(1_000_000)}`, `#session=${bomb}`, "#<img src=x onerror=alert(1)>", link.slice(link.indexOf("#"), -40)]) {
    const other = await opened({ url: file + fragment });
    assert.equal(await headline(other), "Admitted");
    await other.context().close();
  }
});

test("the policy refuses every kind of request", async () => {
  const page = await opened({ strict: false });
  const refused = await page.evaluate(async () => {
    const told = [];
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => told.push(effectiveDirective));
    await fetch("https://example.com/").catch(() => {});
    await fetch(location.href).catch(() => {});
    try { new WebSocket("wss://example.com/"); } catch {}
    try { new EventSource("https://example.com/"); } catch {}
    try { navigator.sendBeacon("https://example.com/", "x"); } catch {}
    for (const [tag, name] of [["img", "src"], ["script", "src"], ["iframe", "src"], ["object", "data"], ["video", "src"]]) {
      const element = document.createElement(tag);
      element[name] = "https://example.com/x";
      document.body.append(element);
    }
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = "https://example.com/x";
    document.head.append(link);
    const script = "fetch('data:,x').then(() => postMessage('fetches'), () => postMessage('is refused'));";
    const worker = new Worker(URL.createObjectURL(new Blob([script])));
    await new Promise((done) => {
      worker.onmessage = ({ data }) => done(told.push(`worker ${data}`));
      setTimeout(done, 10_000);
    });
    const form = document.createElement("form");
    form.action = "https://example.com/";
    document.body.append(form);
    form.submit();
    await new Promise((done) => setTimeout(done, 500));
    return told;
  });
  const expected = ["worker is refused", "connect-src", "form-action", "frame-src", "img-src", "media-src", "object-src", "script-src-elem", "style-src-elem"];
  for (const directive of expected) assert.ok(refused.includes(directive), `${directive} in ${refused}`);
  assert.equal(page.url(), file);
  await page.context().close();
});

test("a trap is shown as a trap", async () => {
  const other = join(folder, "trapping");
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, "trapping.wasm"), trapping);
  execFileSync(process.execPath, [join(here, "../build.mjs"), join(other, "trapping.wasm"), other]);
  const page = await opened({ url: pathToFileURL(join(other, "claimgate.html")).href });
  assert.equal(await kind(page), "trap");
  assert.match(await headline(page), /^The module trapped 503/);
  await page.context().close();
});

test("the page fits, does not shift, and is photographed", { timeout: 120_000 }, async () => {
  const shots = join(folder, "screenshots");
  mkdirSync(shots, { recursive: true });
  for (const scheme of ["light", "dark"]) {
    for (const width of [360, 1024, 1600]) {
      const page = await opened({ scheme, width, height: width === 360 ? 740 : 900 });
      const shift = await page.evaluate(() => new Promise((done) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.hadRecentInput ? 0 : entry.value))).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 100);
      }));
      assert.ok(shift < 0.1, `${width}: layout shift ${shift}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: scrolls sideways`);
      await page.screenshot({ path: join(shots, `admitted-${scheme}-${width}.png`), fullPage: width < 1024, caret: "initial" });
      await doing(page, () => page.selectOption("#token-key", "other"));
      await page.screenshot({ path: join(shots, `refused-${scheme}-${width}.png`), fullPage: width < 1024, caret: "initial" });
      await page.context().close();
    }
  }
});

test("no page said or asked for anything", () => {
  assert.deepEqual(complaints, []);
});
