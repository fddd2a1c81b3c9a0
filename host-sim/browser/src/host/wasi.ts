// The part of WASI that Envoy offers: output to the log, an empty environment, clocks, randomness, and no files.

import { toText } from "./bytes.ts";
import type { Import } from "./imports.ts";
import type { Memory } from "./memory.ts";
import { LEVELS } from "./process.ts";
import { Trap } from "./status.ts";
import type { VmState } from "./state.ts";

const BADF = 8;
const FAULT = 21;
const INVAL = 28;
const NOSYS = 52;
/** The most that `random_get` gives at once, in bytes. */
const RANDOM_LIMIT = 64 * 1024;

export function wasi(vm: VmState, memory: Memory): Record<string, Import> {
  const empty = (count: number, size: number) => {
    memory.u32(count, 0);
    memory.u32(size, 0);
    return 0;
  };
  const calls: Record<string, (...args: number[]) => number> = {
    fd_write(fd, table, count, out) {
      const level = fd === 1 ? LEVELS.indexOf("info") : fd === 2 ? LEVELS.indexOf("error") : null;
      if (level === null) return BADF;
      const vectors = new DataView(memory.read(table, count * 8).buffer);
      let text = "";
      for (let at = 0; at < count * 8; at += 8) {
        text += memory.bytes(vectors.getUint32(at, true), vectors.getUint32(at + 4, true));
      }
      vm.writeLog(level, toText(text).replace(/\n+$/, ""));
      memory.u32(out, text.length);
      return 0;
    },
    environ_sizes_get: empty,
    environ_get: () => 0,
    args_sizes_get: empty,
    args_get: () => 0,
    clock_time_get(id, _precision, out) {
      if (id > 1) return INVAL;
      memory.u64(out, id === 0 ? vm.process.clock.wall : vm.process.clock.steady);
      return 0;
    },
    random_get(address, length) {
      if (length > RANDOM_LIMIT) throw new Trap(`random_get asked for ${length} bytes; the host gives at most ${RANDOM_LIMIT} at once`);
      const words = new BigUint64Array(Math.ceil(length / 8)).map(() => vm.nextRandom());
      memory.write(address, new Uint8Array(words.buffer, 0, length));
      return 0;
    },
  };
  const counted: Record<string, Import> = {};
  for (const [name, body] of Object.entries(calls)) {
    counted[name] = (...args: unknown[]) => {
      vm.countHostcall();
      try {
        return body(...(args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg)) as number[]));
      } catch (error) {
        if (error instanceof Trap) throw error;
        return FAULT;
      }
    };
  }
  for (const name of ["fd_read", "fd_seek", "fd_close", "fd_fdstat_get", "sched_yield", "poll_oneoff"]) {
    counted[name] = () => NOSYS;
  }
  counted["proc_exit"] = (code: number) => {
    vm.countHostcall();
    throw new Trap(`the module called proc_exit(${code})`);
  };
  return counted;
}
