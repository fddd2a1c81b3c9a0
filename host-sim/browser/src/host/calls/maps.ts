// Header and trailer maps, and when each is there.

import type { ByteString } from "../bytes.ts";
import { decode, encode, HeaderMap } from "../headers.ts";
import type { Hostcall } from "../imports.ts";
import type { Memory } from "../memory.ts";
import { Status } from "../status.ts";
import type { VmState } from "../state.ts";

export function maps(vm: VmState, memory: Memory): Record<string, Hostcall> {
  const readable = (kind: number): HeaderMap | Status => {
    const headers = vm.delivery?.root === vm.rootContext ? vm.delivery.headers : null;
    if (kind === 6 && headers) return new HeaderMap(headers);
    if (kind === 7 && headers) return new HeaderMap();
    const stream = vm.stream;
    if (!stream || kind > 2) return Status.BadArgument;
    const [map, open] = [
      [stream.requestHeaders, stream.requestHeadersOpen || stream.logging],
      [stream.requestTrailers, stream.requestTrailersOpen],
      [stream.responseHeaders, stream.responseHeadersOpen || stream.logging],
    ][kind] as [HeaderMap | null, boolean];
    return (open ? map : null) ?? (stream.logging ? Status.NotFound : Status.BadArgument);
  };
  const writable = (kind: number): HeaderMap | Status => {
    const stream = vm.stream;
    if (!stream || kind > 2) return stream?.logging && kind <= 7 ? Status.NotFound : Status.BadArgument;
    const [map, open] = [
      [stream.requestHeaders, stream.requestHeadersOpen],
      [stream.requestTrailers, stream.requestTrailersOpen],
      [stream.responseHeaders, stream.responseHeadersOpen],
    ][kind] as [HeaderMap | null, boolean];
    return (open ? map : null) ?? (stream.logging ? Status.NotFound : Status.BadArgument);
  };
  const change = (kind: number, act: (map: HeaderMap) => void): Status => {
    const map = writable(kind);
    if (typeof map === "number") return map;
    act(map);
    return Status.Ok;
  };
  const checked = (name: ByteString, value: ByteString) => {
    if (/[\r\n\0]/.test(name + value)) vm.anomaly(vm.context, "a header with CR, LF or NUL was written");
  };
  return {
    proxy_get_header_map_pairs(kind, out, outLength) {
      if (kind > 7) return Status.BadArgument;
      const map = readable(kind);
      return memory.handOver(encode(typeof map === "number" ? [] : map.shown()), out, outLength);
    },
    proxy_get_header_map_size(kind, out) {
      const map = readable(kind);
      if (typeof map === "number") return map;
      memory.u32(out, map.byteSize);
      return Status.Ok;
    },
    proxy_get_header_map_value(kind, key, length, out, outLength) {
      const map = readable(kind);
      if (typeof map === "number") return map;
      const value = map.value(memory.bytes(key, length));
      return value === undefined ? Status.NotFound : memory.handOver(value, out, outLength);
    },
    proxy_add_header_map_value(kind, key, length, value, valueLength) {
      const [name, given] = [memory.bytes(key, length), memory.bytes(value, valueLength)];
      const status = change(kind, (map) => map.add(name, given));
      if (status === Status.Ok) checked(name, given);
      return status;
    },
    proxy_replace_header_map_value(kind, key, length, value, valueLength) {
      const [name, given] = [memory.bytes(key, length), memory.bytes(value, valueLength)];
      const status = change(kind, (map) => map.replace(name, given));
      if (status === Status.Ok) checked(name, given);
      return status;
    },
    proxy_remove_header_map_value(kind, key, length) {
      const name = memory.bytes(key, length);
      return change(kind, (map) => map.remove(name));
    },
    proxy_set_header_map_pairs(kind, data, length) {
      const pairs = decode(memory.read(data, length));
      return change(kind, (map) => map.setAll(pairs));
    },
  };
}
