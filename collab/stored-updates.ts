import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** Updates that a process stored, as it tells others: who stands at `previousSeq` of this epoch lacks exactly these. */
export interface StoredUpdates {
  epoch: string;
  previousSeq: number;
  updates: readonly Uint8Array[];
}

export function packUpdates({ epoch, previousSeq, updates }: StoredUpdates): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, epoch);
  encoding.writeVarUint(encoder, previousSeq);
  encoding.writeVarUint(encoder, updates.length);
  for (const update of updates) encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

/** @throws Error when the bytes are none */
export function unpackUpdates(bytes: Uint8Array): StoredUpdates {
  const decoder = decoding.createDecoder(bytes);
  const epoch = decoding.readVarString(decoder);
  const previousSeq = decoding.readVarUint(decoder);
  const count = decoding.readVarUint(decoder);
  const updates: Uint8Array[] = [];
  for (let i = 0; i < count; i++) updates.push(decoding.readVarUint8Array(decoder));
  return { epoch, previousSeq, updates };
}
