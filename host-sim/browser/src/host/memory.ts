// Reading and writing a module's memory in host calls.

import { type ByteString, fromBytes, toBytes, toText } from "./bytes.ts";
import { Status } from "./status.ts";
import type { VmState } from "./state.ts";

/** Memory that lies outside the module's. */
export class OutOfBounds extends Error {}

/** Access to a VM's memory for host calls. */
export class Memory {
  #vm: VmState;

  constructor(vm: VmState) {
    this.#vm = vm;
  }

  /** A copy of the bytes at an address. */
  read(address: number, length: number): Uint8Array<ArrayBuffer> {
    const memory = this.#vm.memory();
    if (address + length > memory.length) throw new OutOfBounds();
    return memory.slice(address, address + length);
  }

  bytes(address: number, length: number): ByteString {
    return fromBytes(this.read(address, length));
  }

  text(address: number, length: number): string {
    return toText(this.bytes(address, length));
  }

  write(address: number, bytes: Uint8Array): void {
    const memory = this.#vm.memory();
    if (address + bytes.length > memory.length) throw new OutOfBounds();
    memory.set(bytes, address);
  }

  u32(address: number, number: number): void {
    this.write(address, new Uint8Array(new Uint32Array([number]).buffer));
  }

  u64(address: number, number: bigint): void {
    this.write(address, new Uint8Array(new BigUint64Array([BigInt.asUintN(64, number)]).buffer));
  }

  /** Hands bytes over in memory that the module allocates, and writes where and how long they are. */
  handOver(bytes: Uint8Array | ByteString, out: number, outLength: number): Status {
    const given = typeof bytes === "string" ? toBytes(bytes) : bytes;
    this.u32(out, given.length === 0 ? 0 : this.#vm.allocate(given));
    this.u32(outLength, given.length);
    return Status.Ok;
  }
}
