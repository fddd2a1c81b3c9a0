// Resuming and answering streams, which happens after the callback in which it was asked for, and callouts.

import { type ByteString, lower } from "../bytes.ts";
import { decode } from "../headers.ts";
import type { Hostcall } from "../imports.ts";
import type { Memory } from "../memory.ts";
import { MILLISECOND } from "../process.ts";
import { Status, Trap } from "../status.ts";
import type { VmState } from "../state.ts";

export function streams(vm: VmState, memory: Memory): Record<string, Hostcall> {
  return {
    // The request's maps close at once, though the stream moves on only after the callback.
    proxy_continue_stream(kind) {
      if (kind > 1) return Status.BadArgument;
      const stream = vm.stream;
      if (!stream) return Status.Ok;
      stream.requestHeadersOpen = false;
      stream.requestBodyOpen = false;
      stream.requestTrailersOpen = false;
      vm.deferred.push({ kind: "resume", stream: vm.context, response: kind === 1 });
      return Status.Ok;
    },
    proxy_close_stream(kind) {
      if (kind > 3) return Status.BadArgument;
      throw new Trap("proxy_close_stream is not for this filter");
    },
    proxy_send_local_response(status, details, detailsLength, body, bodyLength, headers, headersLength, grpcStatus) {
      const reply = {
        status: status & 0xffff,
        headers: decode(memory.read(headers!, headersLength!)).map(([name, value]) => [lower(name), value] as [ByteString, ByteString]),
        body: memory.bytes(body, bodyLength),
        grpcStatus: grpcStatus! | 0,
        details: memory.text(details, detailsLength),
      };
      vm.stopNext = true;
      const stream = vm.stream;
      if (stream?.replyPending) {
        vm.anomaly(vm.context, "a second local reply");
      } else if (stream) {
        stream.replyPending = true;
        vm.deferred.push({ kind: "reply", stream: vm.context, reply });
      }
      return Status.Ok;
    },
    proxy_http_call(cluster, length, headers, headersLength, body, bodyLength, trailers, trailersLength, timeout, out) {
      const name = memory.text(cluster, length);
      const pairs = decode(memory.read(headers, headersLength)).map(
        ([header, value]) => [lower(header), value] as [ByteString, ByteString],
      );
      const sent = memory.bytes(body, bodyLength!);
      memory.read(trailers!, trailersLength!);
      const required = [":method", ":path", ":authority"].every((wanted) => pairs.some(([header]) => header === wanted));
      if (timeout! > 0x7fff_ffff || !required) return Status.BadArgument;
      const token = vm.allocateToken();
      const root = vm.rootContext;
      vm.callouts.set(token, root);
      vm.started.push({
        vm: vm.number,
        generation: vm.generation,
        token,
        root,
        cluster: name,
        headers: pairs,
        body: sent,
        timeout: timeout === 0 ? null : BigInt(timeout!) * MILLISECOND,
      });
      memory.u32(out!, token);
      return Status.Ok;
    },
  };
}
