/** What texts were judged to be, found again by their bytes: no cell needs to become a string to be known. */

/** Longer texts are not remembered: a time with its fraction and its zone has 32. */
const longest = 32;
const most = 16_384;
const slotMask = most * 2 - 1;
/** A file made so that its texts collide costs this much for each, and no more. */
const mostProbes = 16;

export interface ByteMemo<Value> {
  /** Of ASCII bytes. */
  find(bytes: Buffer, from: number, to: number): Value;
}

/** @param judge is asked once for each text, as long as there are not too many to remember */
export function createByteMemo<Value>(judge: (text: string) => Value): ByteMemo<Value> {
  const keys = new Uint8Array(most * longest);
  const lengths = new Uint8Array(most);
  /** Place of an entry, counted from 1; 0: free. */
  const slots = new Uint16Array(slotMask + 1);
  let values: Value[] = [];
  let last = -1;

  function isKey(entry: number, bytes: Buffer, from: number, length: number): boolean {
    if (lengths[entry] !== length) return false;
    const start = entry * longest;
    for (let i = 0; i < length; i += 1) if (keys[start + i] !== bytes[from + i]) return false;
    return true;
  }

  function remember(slot: number, bytes: Buffer, from: number, to: number): Value {
    const value = judge(bytes.toString("latin1", from, to));
    if (values.length === most) {
      slots.fill(0);
      values = [];
    }
    last = values.length;
    values.push(value);
    lengths[last] = to - from;
    keys.set(bytes.subarray(from, to), last * longest);
    slots[slot] = last + 1;
    return value;
  }

  return {
    find(bytes, from, to) {
      const length = to - from;
      if (length > longest) return judge(bytes.toString("latin1", from, to));
      // columns such as currency say the same thing row after row
      if (last >= 0 && isKey(last, bytes, from, length)) return values[last] as Value;
      let hash = length;
      for (let i = from; i < to; i += 1) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
      let slot = (Math.imul(hash, 0x9e3779b1) >>> 16) & slotMask;
      for (let probe = 0; probe < mostProbes; probe += 1) {
        const entry = (slots[slot] as number) - 1;
        if (entry < 0) return remember(slot, bytes, from, to);
        if (isKey(entry, bytes, from, length)) {
          last = entry;
          return values[entry] as Value;
        }
        slot = (slot + 1) & slotMask;
      }
      return judge(bytes.toString("latin1", from, to));
    },
  };
}
