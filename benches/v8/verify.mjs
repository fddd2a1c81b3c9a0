// Runs verify.rs as wasm on V8's optimising compiler:
//   cargo build --release -p claimgate-signatures --example v8 --target wasm32-wasip1
//   node --no-warnings --no-liftoff benches/v8/verify.mjs [path of v8.wasm]
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const target = process.env.CARGO_TARGET_DIR ?? 'target';
const path = process.argv[2] ?? `${target}/wasm32-wasip1/release/examples/v8.wasm`;
const wasi = new WASI({ version: 'preview1' });
const module = await WebAssembly.compile(await readFile(path));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
