// Log, clock, timers, contexts, properties, foreign functions and buffers.

import { type ByteString, fromBytes } from "../bytes.ts";
import { foreignFunction } from "../foreign.ts";
import type { Hostcall } from "../imports.ts";
import type { Memory } from "../memory.ts";
import { LEVELS, MILLISECOND } from "../process.ts";
import { Status } from "../status.ts";
import type { VmState } from "../state.ts";

export function general(vm: VmState, memory: Memory): Record<string, Hostcall> {
  return {
    proxy_log(level, text, length) {
      if (!(level in LEVELS)) return Status.BadArgument;
      vm.writeLog(level, memory.text(text, length));
      return Status.Ok;
    },
    proxy_get_log_level(out) {
      memory.u32(out, LEVELS.indexOf("info"));
      return Status.Ok;
    },
    proxy_get_current_time_nanoseconds(out) {
      memory.u64(out, vm.process.clock.wall);
      return Status.Ok;
    },
    proxy_set_tick_period_milliseconds(milliseconds) {
      const root = vm.roots.get(vm.rootContext);
      if (!root) return Status.BadArgument;
      const period = BigInt(milliseconds) * MILLISECOND;
      root.tick = period === 0n ? null : { period, due: vm.process.clock.steady + period };
      return Status.Ok;
    },
    proxy_set_effective_context(context) {
      if (!vm.knows(context)) return Status.BadArgument;
      vm.effective = context;
      return Status.Ok;
    },
    proxy_done() {
      return Status.NotFound;
    },
    proxy_get_property(path, length, out, outLength) {
      const wanted = memory.bytes(path, length);
      const ofPlugin = ["plugin_name", "plugin_root_id", "plugin_vm_id"].includes(wanted) ? "claimgate" : undefined;
      const value = ofPlugin ?? vm.stream?.properties.get(wanted);
      return value === undefined ? Status.NotFound : memory.handOver(value, out, outLength);
    },
    proxy_set_property(path, length, value, valueLength) {
      const property: [ByteString, ByteString] = [memory.bytes(path, length), memory.bytes(value, valueLength)];
      if (!vm.stream) return Status.NotFound;
      vm.stream.report.propertiesSet.push(property);
      return Status.Ok;
    },
    proxy_call_foreign_function(name, length, args, argsLength, out, outLength) {
      const [called, given] = [memory.text(name, length), memory.read(args, argsLength)];
      const answer = foreignFunction(called, given, vm.process);
      if (answer === null) return Status.NotFound;
      if (called !== "verify_signature") vm.stream?.report.foreignCalls.push([called, fromBytes(given)]);
      const result = typeof answer === "number" ? new Uint8Array(0) : answer;
      if (out !== 0) memory.handOver(result, out, outLength);
      return typeof answer === "number" ? answer : Status.Ok;
    },
    proxy_get_status(out, text, textLength) {
      const reset = vm.delivery !== null && vm.delivery.headers === null;
      memory.u32(out, reset ? 11 : 0);
      return memory.handOver(reset ? "reset" : "", text, textLength);
    },
    proxy_get_buffer_bytes(kind, start, max, out, outLength) {
      const contents = buffer(vm, kind);
      if (typeof contents === "number") return contents;
      return memory.handOver(contents.slice(start, start + max), out, outLength);
    },
    proxy_get_buffer_status(kind, outLength, outFlags) {
      const contents = buffer(vm, kind);
      if (typeof contents === "number") return contents;
      memory.u32(outLength, contents.length);
      memory.u32(outFlags, 0);
      return Status.Ok;
    },
    proxy_set_buffer_bytes(kind, start, size, data, length) {
      const bytes = memory.bytes(data, length);
      const stream = vm.stream;
      if (kind !== 0 || !stream?.requestBodyOpen) return Status.BadArgument;
      stream.requestBody = stream.requestBody.slice(0, start) + bytes + stream.requestBody.slice(start + size);
      return Status.Ok;
    },
  };
}

/** The bytes of a body or a configuration, where they are readable now. */
function buffer(vm: VmState, kind: number): ByteString | Status {
  switch (kind) {
    case 0: {
      const stream = vm.stream;
      if (!stream) return Status.BadArgument;
      return stream.requestBodyOpen ? stream.requestBody : "";
    }
    case 1:
      return "";
    case 4:
      return (vm.delivery?.root === vm.rootContext ? vm.delivery.body : null) ?? Status.NotFound;
    case 6:
      return vm.process.vmConfiguration;
    case 7:
      return vm.roots.get(vm.configuring ?? 0)?.configuration ?? Status.NotFound;
    default:
      return kind <= 8 ? Status.NotFound : Status.BadArgument;
  }
}
