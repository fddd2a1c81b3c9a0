// Runs a WASI program on V8, which is what runs the filter in Envoy. The benchmark, compiled as Envoy does:
//   cargo build --release -p claimgate-signatures --example v8 --target wasm32-wasip1
//   node --no-warnings --no-liftoff benches/v8/wasi.mjs target/wasm32-wasip1/release/examples/v8.wasm [part of a name]...
// It is also the runner of the kernels' tests in `make test-node`.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [path, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [path, ...args], env: process.env });
const module = await WebAssembly.compile(await readFile(path));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
