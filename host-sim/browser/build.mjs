// Builds the page and the Node bundle of the host: node build.mjs MODULE FOLDER

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { collect } from "./gallery.mjs";
import { encode } from "./z85.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
/** The most that the page may weigh, in bytes. */
const LIMIT = 900_000;

const [modulePath, folder] = process.argv.slice(2);
const wasm = readFileSync(modulePath);
mkdirSync(folder, { recursive: true });

const common = { bundle: true, write: false, target: "es2022", legalComments: "none", absWorkingDir: here };
const text = async (options) => (await build({ ...common, ...options })).outputFiles[0].text;

writeFileSync(
  join(folder, "claimgate-host.mjs"),
  await text({ entryPoints: ["src/engine/index.ts"], format: "esm", platform: "neutral" }),
);

const worker = await text({ entryPoints: ["src/engine/worker.ts"], format: "iife", minify: true });
const schema = JSON.parse(readFileSync(join(root, "plugin/core/config.schema.json"), "utf8"));
const virtual = {
  cargo: packed(Buffer.from(JSON.stringify({ gallery: collect(join(root, "manual")), schema, worker }))),
  module: packed(wasm),
  digest: sha256(wasm, "hex"),
};
const js = await text({
  entryPoints: ["src/page/main.ts"], format: "iife", minify: true, plugins: [virtualModules(virtual), constructedStyles()],
});
const css = await text({ entryPoints: ["src/page/style.css"], minify: true });
const page = readFileSync(join(here, "src/page/index.html"), "utf8");
const html = fill(page, { ...version(), css: css.trim(), js: js.trim().replaceAll("</script", "<\\/script"), csp: policy });
writeFileSync(join(folder, "claimgate.html"), html);
console.log(`${join(folder, "claimgate.html")}: ${Buffer.byteLength(html)} bytes`);
if (Buffer.byteLength(html) > LIMIT) throw new Error(`the page has more than ${LIMIT} bytes`);

/** Gzipped, as text: what a script cannot fetch it must carry. */
function packed(bytes) {
  return encode(gzipSync(bytes, { level: 9 }));
}

/** The policy: this script, this style, WebAssembly, a worker made in memory, and nothing from anywhere. */
function policy({ css, js }) {
  return [
    "default-src 'none'",
    `script-src 'sha256-${sha256(js, "base64")}' 'wasm-unsafe-eval'`,
    `style-src 'sha256-${sha256(css, "base64")}'`,
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function fill(template, { csp, ...parts }) {
  const whole = { ...parts, csp: csp(parts) };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => whole[name]);
}

function sha256(data, encoding) {
  return createHash("sha256").update(data).digest(encoding);
}

function version() {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const manifest = readFileSync(join(root, "Cargo.toml"), "utf8");
  let commit = "unknown";
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : ", changed";
    commit = git("rev-parse", "--short=12", "HEAD") + changed;
  } catch {
    // A source archive has no history.
  }
  return { version: /^version = "(.*)"$/m.exec(manifest)?.[1] ?? "unknown", commit };
}

function virtualModules(contents) {
  return {
    name: "virtual",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path: path.slice("virtual:".length), namespace: "virtual" }));
      onLoad({ filter: /./, namespace: "virtual" }, ({ path }) => ({ contents: JSON.stringify(contents[path]), loader: "json" }));
    },
  };
}

/** CodeMirror writes its styles into a style element, which the policy forbids; into a constructed sheet it may. */
function constructedStyles() {
  return {
    name: "constructed-styles",
    setup({ onLoad }) {
      onLoad({ filter: /style-mod[\\/]src[\\/]style-mod\.js$/ }, ({ path }) => {
        const source = readFileSync(path, "utf8");
        const guard = "!root.head && root.adoptedStyleSheets";
        if (!source.includes(guard)) throw new Error(`${path} is not what it was: look at how it mounts styles`);
        return { contents: source.replace(guard, "root.adoptedStyleSheets"), loader: "js" };
      });
    },
  };
}
