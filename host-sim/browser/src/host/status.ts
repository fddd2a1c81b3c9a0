// What a host call answers with, numbered as in the ABI.

export const Status = {
  Ok: 0,
  NotFound: 1,
  BadArgument: 2,
  InvalidMemoryAccess: 6,
  CasMismatch: 8,
  InternalFailure: 10,
  Unimplemented: 12,
} as const;

export type Status = (typeof Status)[keyof typeof Status];

/** Ends the running callback and with it the VM. */
export class Trap extends Error {}
