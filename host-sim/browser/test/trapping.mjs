// A module that takes any configuration and traps in its first request, built by hand: its sections as bytes.

const section = (id, ...items) => [id, ...sized(items.flat())];
const number = (value) => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(value >> 7)]);
const sized = (bytes) => [...number(bytes.length), ...bytes];
const list = (items) => [items.length, ...items.flat()];
const name = (text) => sized([...new TextEncoder().encode(text)]);
const I32 = 0x7f;
const FUNCTION = 0x60;
const type = (params, results) => [FUNCTION, ...list(params.map(() => [I32])), ...list(results.map(() => [I32]))];
const body = (...code) => sized([0, ...code, 0x0b]);
const constant = (value) => [0x41, value];

const functions = [
  { name: "_initialize", type: 0, body: body() },
  { name: "proxy_abi_version_0_2_1", type: 0, body: body() },
  { name: "proxy_on_memory_allocate", type: 1, body: body(0x41, 0x80, 0x08) },
  { name: "proxy_on_context_create", type: 2, body: body() },
  { name: "proxy_on_configure", type: 3, body: body(...constant(1)) },
  { name: "proxy_on_request_headers", type: 4, body: body(0x00) },
];
const types = [type([], []), type([0], [0]), type([0, 0], []), type([0, 0], [0]), type([0, 0, 0], [0])];

export const trapping = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  ...section(1, list(types)),
  ...section(3, list(functions.map((one) => [one.type]))),
  ...section(5, list([[0, 1]])),
  ...section(7, list([[...name("memory"), 2, 0], ...functions.map((one, index) => [...name(one.name), 0, index])])),
  ...section(10, list(functions.map((one) => one.body))),
]);
