import type { Decoder } from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";

/** An update of Yjs (V1) taken apart, before any document has seen it. */
export interface DecodedUpdate {
  /** Per client id, in the order of their clocks, holes left out. */
  structs: Map<number, Struct[]>;
  /** Ranges that it deletes, per client id. */
  deletes: Map<number, DeleteRange[]>;
}
export type Struct = Y.Item | Y.GC;
interface DeleteRange {
  clock: number;
  len: number;
}

/** Bytes that are no update. */
export class MalformedUpdate extends Error {}

/** What the decoder below was made with last: Yjs makes it, and tells nobody how far it read. */
let source: Decoder | null = null;
class Decoding extends Y.UpdateDecoderV1 {
  constructor(decoder: Decoder) {
    super(decoder);
    source = decoder;
  }
}

/** @throws MalformedUpdate also when bytes are left over: V2 read as V1 looks like an empty update */
export function decodeUpdate(bytes: Uint8Array): DecodedUpdate {
  let decoded: ReturnType<typeof Y.decodeUpdateV2>;
  try {
    decoded = Y.decodeUpdateV2(bytes, Decoding);
  } catch (cause) {
    throw new MalformedUpdate("These bytes are no update.", { cause });
  }
  if (source?.pos !== bytes.length) throw new MalformedUpdate("Bytes are left over.");
  return { structs: byClient(decoded.structs), deletes: decoded.ds.clients };
}

function byClient(all: readonly (Struct | Y.Skip)[]): Map<number, Struct[]> {
  const structs = new Map<number, Struct[]>();
  let client: number | null = null;
  for (const struct of all) {
    if (struct.length < 1) throw new MalformedUpdate("A struct without length.");
    if (struct.id.client !== client) {
      client = struct.id.client;
      // a document would read the last block alone
      if (structs.has(client)) throw new MalformedUpdate("A client id comes twice.");
      structs.set(client, []);
    }
    if (!(struct instanceof Y.Skip)) structs.get(client)?.push(struct);
  }
  return structs;
}

/** The inverse of `decodeUpdate`, for what a filter left of one. Each client's structs must follow one another. */
export function encodeUpdate({ structs, deletes }: DecodedUpdate): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  const { restEncoder } = encoder;
  const written = [...structs].filter(([, list]) => list.length > 0);
  encoding.writeVarUint(restEncoder, written.length);
  for (const [client, list] of written) {
    encoding.writeVarUint(restEncoder, list.length);
    encoder.writeClient(client);
    encoding.writeVarUint(restEncoder, list[0]?.id.clock ?? 0);
    for (const struct of list) struct.write(encoder, 0);
  }
  encoding.writeVarUint(restEncoder, deletes.size);
  for (const [client, ranges] of deletes) {
    encoding.writeVarUint(restEncoder, client);
    encoding.writeVarUint(restEncoder, ranges.length);
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(restEncoder, clock);
      encoding.writeVarUint(restEncoder, len);
    }
  }
  return encoder.toUint8Array();
}
