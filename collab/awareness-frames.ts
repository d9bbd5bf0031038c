import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** The state of one client, as the awareness protocol carries it; null: it left. */
export interface AwarenessEntry {
  client: number;
  clock: number;
  state: Record<string, unknown> | null;
}

const mostEntries = 1_000;

/** @throws Error when the bytes are none, or hold more than anybody needs */
export function decodeAwareness(bytes: Uint8Array): AwarenessEntry[] {
  const decoder = decoding.createDecoder(bytes);
  const count = decoding.readVarUint(decoder);
  if (count > mostEntries) throw new Error("Too many entries.");
  const entries: AwarenessEntry[] = [];
  for (let i = 0; i < count; i++) {
    const client = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    const state: unknown = JSON.parse(decoding.readVarString(decoder));
    if (typeof state !== "object" || Array.isArray(state)) throw new Error("A state is an object or null.");
    entries.push({ client, clock, state: state as AwarenessEntry["state"] });
  }
  return entries;
}

export function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, JSON.stringify(state));
  }
  return encoding.toUint8Array(encoder);
}
