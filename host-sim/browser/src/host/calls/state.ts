// Shared data and metrics.

import type { Hostcall } from "../imports.ts";
import type { Memory } from "../memory.ts";
import { Status } from "../status.ts";
import type { VmState } from "../state.ts";

export function state(vm: VmState, memory: Memory): Record<string, Hostcall> {
  const { sharedData } = vm.process;
  return {
    proxy_get_shared_data(key, length, out, outLength, outCas) {
      const found = sharedData.get(memory.bytes(key, length));
      if (!found) return Status.NotFound;
      memory.handOver(found.value, out, outLength);
      memory.u32(outCas, found.cas);
      return Status.Ok;
    },
    proxy_set_shared_data(key, length, value, valueLength, cas) {
      return sharedData.set(memory.bytes(key, length), memory.bytes(value, valueLength), cas);
    },
    proxy_define_metric(kind, name, length, out) {
      const id = vm.metricIds.define(kind, memory.text(name, length));
      if (id === null) return Status.BadArgument;
      memory.u32(out, id);
      return Status.Ok;
    },
    proxy_increment_metric(id, offset: unknown) {
      return vm.metricIds.increment(id, offset as bigint);
    },
    proxy_record_metric(id, sample: unknown) {
      return vm.metricIds.record(id, BigInt.asUintN(64, sample as bigint));
    },
    proxy_get_metric(id, out) {
      const value = vm.metricIds.value(id);
      if (typeof value === "number") return value;
      memory.u64(out, value);
      return Status.Ok;
    },
  };
}
