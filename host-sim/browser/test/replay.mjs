// Plays replay lines in this engine and through `claimgate replay`, and compares every line of output:
//   node replay.mjs BUNDLE MODULE COMMAND [FILE]…
// The lines are those of the files, and some thousands made from the manual's examples. Of a file's stages, which begin with a
// configuration, CLAIMGATE_STAGES are played, evenly spaced; all of them where it is not set.

import { spawn } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { corpus } from "./corpus.mjs";

const [bundle, wasm, command, ...files] = process.argv.slice(2);
const engine = await import(pathToFileURL(bundle));
const module = new WebAssembly.Module(readFileSync(wasm));
const manual = join(dirname(fileURLToPath(import.meta.url)), "../../../manual");

/** What Envoy's BoringSSL does: PKCS#1 v1.5 for RSA keys and DER signatures for NIST curves, no other keys. */
function verifySignature(hash, spki, signature, text) {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ec") throw new Error(key.asymmetricKeyType);
  return verify(hash, text, key, signature);
}

const lines = [];
for await (const line of corpus({ engine, module, manual })) lines.push(JSON.stringify(line));
for (const file of files) lines.push(...sampled(readFileSync(file, "utf8").split("\n").filter((line) => line !== "")));

let failures = 0;
for (const [workers, share] of [[1, 1], [3, 0.2]]) {
  const played = lines.slice(0, lines.length * share);
  const running = run(command, ["replay", "--wasm", wasm, "--workers", String(workers)], played);
  const player = new engine.Player(module, workers, verifySignature);
  const verdicts = new Map();
  const ours = [];
  for (const line of played) {
    ours.push(play(player, line));
    // The command runs beside this, and is listened to in between.
    if (ours.length % 50 === 0) await new Promise((done) => setImmediate(done));
  }
  const theirs = (await running).split("\n");
  played.forEach((line, index) => {
    const { reason, verdict: kind } = JSON.parse(ours[index]);
    const verdict = reason ?? kind ?? "unusable";
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    const unusable = (output) => output?.includes('"error":');
    if (ours[index] === theirs[index] || (unusable(ours[index]) && unusable(theirs[index]))) return;
    failures += 1;
    if (failures <= 5) console.error(`line ${index + 1}, ${workers} workers: ${line.slice(0, 300)}\n  here    ${ours[index]}\n  command ${theirs[index]}`);
  });
  const [kinds, admitted] = [verdicts.size, verdicts.get("admit") ?? 0];
  console.log(`${played.length} requests with ${workers} worker(s): ${admitted} admitted, ${kinds} kinds of outcome, ${failures} lines differ`);
  if (share === 1 && (played.length < 5000 || kinds < 30 || admitted < 500)) throw new Error("the corpus is poorer than it was");
}
process.exit(failures === 0 ? 0 : 1);

function sampled(given) {
  const stages = [];
  for (const line of given) {
    if (line.startsWith('{"config"')) stages.push([]);
    stages.at(-1)?.push(line);
  }
  const wanted = Math.min(Number(process.env.CLAIMGATE_STAGES ?? stages.length), stages.length);
  return Array.from({ length: wanted }, (_, index) => stages[Math.floor((index * stages.length) / wanted)]).flat();
}

function play(player, line) {
  try {
    return player.play(line);
  } catch (error) {
    return JSON.stringify({ id: JSON.parse(line).id ?? null, error: String(error) });
  }
}

async function run(program, args, input) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  child.stdin.end(`${input.join("\n")}\n`);
  const parts = [];
  for await (const part of child.stdout) parts.push(part);
  return Buffer.concat(parts).toString();
}
