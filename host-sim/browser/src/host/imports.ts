// The functions that a module may import, and how each answers. Arguments are unsigned, as the ABI means them.

import { general } from "./calls/general.ts";
import { maps } from "./calls/maps.ts";
import { state } from "./calls/state.ts";
import { streams } from "./calls/streams.ts";
import { Memory, OutOfBounds } from "./memory.ts";
import { Status, Trap } from "./status.ts";
import type { VmState } from "./state.ts";
import { wasi } from "./wasi.ts";

export type Import = (...args: never[]) => number | void;
/** A host call: answers with a status, or throws a `Trap`. */
export type Hostcall = (...args: number[]) => Status;

/** The module's imports. Throws where it needs what this host does not have. */
export function imports(module: WebAssembly.Module, vm: VmState): WebAssembly.Imports {
  const memory = new Memory(vm);
  const env = { ...general(vm, memory), ...maps(vm, memory), ...streams(vm, memory), ...state(vm, memory) };
  const known: Record<string, Record<string, Import>> = { env: {}, wasi_snapshot_preview1: wasi(vm, memory) };
  for (const [name, body] of Object.entries(env)) known["env"]![name] = guarded(vm, name, body);
  for (const name of UNUSED) {
    known["env"]![name] = guarded(vm, name, () => {
      throw new Trap(`${name} is not for this filter`);
    });
  }
  const missing = WebAssembly.Module.imports(module).filter(({ module: from, name }) => !known[from]?.[name]);
  if (missing.length > 0) {
    throw new Trap(`this host does not have ${missing.map(({ module: from, name }) => `${from}.${name}`).join(", ")}`);
  }
  return known as WebAssembly.Imports;
}

/** Functions that every SDK imports and no filter of this kind uses: present, and fatal to call. */
const UNUSED = [
  "proxy_register_shared_queue", "proxy_resolve_shared_queue", "proxy_dequeue_shared_queue",
  "proxy_enqueue_shared_queue", "proxy_grpc_call", "proxy_grpc_stream", "proxy_grpc_send", "proxy_grpc_cancel",
  "proxy_grpc_close",
];

/** Counts a host call, and forbids all but the log while the VM starts or allocates. */
function guarded(vm: VmState, name: string, body: Hostcall): Import {
  return (...args: unknown[]) => {
    vm.countHostcall();
    if ((vm.phase === "initialising" || vm.phase === "allocating") && name !== "proxy_log") {
      throw new Trap(`restricted callback: ${name} called during ${vm.phase}`);
    }
    const unsigned = args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg)) as number[];
    try {
      return body(...unsigned);
    } catch (error) {
      if (error instanceof OutOfBounds) return Status.InvalidMemoryAccess;
      throw error;
    }
  };
}
