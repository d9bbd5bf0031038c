import { isAscii, isUtf8 } from "node:buffer";
import type { Encoding } from "#contracts/uploads.ts";

/** Bytes → text, in pieces, without ever inventing a character. */

export interface TextDecoderStream {
  /** Text of the bytes so far; an unfinished character waits for the next piece. */
  write(bytes: Buffer): string;
  end(): string;
  /** No character is half read, and what comes is not the beginning of the file. */
  readonly isBetween: boolean;
  /** Counts bytes that somebody else has read; only where `isBetween`. */
  passOver(bytes: number): void;
  /** Bytes of the file that the returned text stands for so far, the byte order mark included. */
  readonly bytesDone: number;
}

export const byteLengthIn = (encoding: Encoding, text: string): number => {
  if (encoding === "utf-8") return Buffer.byteLength(text, "utf8");
  return encoding === "windows-1252" ? text.length : text.length * 2;
};

const marks: readonly { encoding: Encoding; bytes: readonly number[] }[] = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
];

const markOf = (bytes: Buffer) =>
  marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte)) ?? null;

/**
 * @param sample the first bytes of the file
 * @param validUtf8 whether the whole file is: known since it was received
 * @returns `guessed` where neither a byte order mark nor valid UTF-8 decided
 */
export function detectEncoding(sample: Buffer, validUtf8: boolean): { encoding: Encoding; guessed: boolean } {
  const mark = markOf(sample);
  if (mark) return { encoding: mark.encoding, guessed: false };
  const wide = wideWithoutMark(sample);
  if (wide) return { encoding: wide, guessed: true };
  return validUtf8 ? { encoding: "utf-8", guessed: false } : { encoding: "windows-1252", guessed: true };
}

/** UTF-16 text of a Western table has a zero in nearly every other byte; no other encoding has. */
function wideWithoutMark(sample: Buffer): Encoding | null {
  const pairs = Math.min(sample.length, 4096) >> 1;
  if (pairs < 2) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i += 1) {
    if (sample[2 * i] === 0) even += 1;
    if (sample[2 * i + 1] === 0) odd += 1;
  }
  if (odd > pairs * 0.7 && even < pairs * 0.1) return "utf-16le";
  return even > pairs * 0.7 && odd < pairs * 0.1 ? "utf-16be" : null;
}

/** Follows a file in pieces and says at the end whether all of it is UTF-8. */
export function createUtf8Check(): { write(bytes: Buffer): void; valid(): boolean } {
  let valid = true;
  let rest: Buffer = Buffer.alloc(0);
  return {
    write(bytes) {
      if (!valid) return;
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = wholeUtf8(all);
      valid = isUtf8(all.subarray(0, whole));
      rest = Buffer.from(all.subarray(whole));
    },
    valid: () => valid && rest.length === 0,
  };
}

/** Bytes up to the last character that is complete. */
function wholeUtf8(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** 0x80…0x9f of windows-1252; the five that it leaves open stay control characters. */
const upper1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

const decodeWhole: Record<Encoding, (bytes: Buffer) => string> = {
  "utf-8": (bytes) => (isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8")),
  "utf-16le": (bytes) => bytes.toString("utf16le"),
  "utf-16be": (bytes) => Buffer.from(bytes).swap16().toString("utf16le"),
  "windows-1252": (bytes) =>
    bytes.toString("latin1").replace(/[\u0080-\u009f]/g, (char) => upper1252[char.charCodeAt(0) - 0x80]!),
};

const wholeBytes: Record<Encoding, (bytes: Buffer) => number> = {
  "utf-8": wholeUtf8,
  "utf-16le": (bytes) => bytes.length & ~1,
  "utf-16be": (bytes) => bytes.length & ~1,
  "windows-1252": (bytes) => bytes.length,
};

/** Drops a byte order mark at the beginning of the file, and only there. */
export function createDecoder(encoding: Encoding, atStart = true): TextDecoderStream {
  let rest: Buffer = Buffer.alloc(0);
  let started = !atStart;
  let bytesDone = 0;
  return {
    get bytesDone() {
      return bytesDone;
    },
    get isBetween() {
      return started && rest.length === 0;
    },
    passOver(bytes) {
      bytesDone += bytes;
    },
    write(bytes) {
      let all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      if (!started) {
        if (all.length < 3) {
          rest = Buffer.from(all);
          return "";
        }
        started = true;
        const skipped = markLength(all, encoding);
        bytesDone += skipped;
        all = all.subarray(skipped);
      }
      const whole = wholeBytes[encoding](all);
      rest = whole === all.length ? Buffer.alloc(0) : Buffer.from(all.subarray(whole));
      bytesDone += whole;
      return decodeWhole[encoding](all.subarray(0, whole));
    },
    end() {
      const skipped = started ? 0 : markLength(rest, encoding);
      const left = rest.subarray(skipped);
      bytesDone += rest.length;
      // half a character at the end of the file is shown as what it is: unreadable
      return encoding.startsWith("utf-16") && left.length % 2 === 1
        ? `${decodeWhole[encoding](left.subarray(0, -1))}\ufffd`
        : decodeWhole[encoding](left);
    },
  };
}

function markLength(bytes: Buffer, encoding: Encoding): number {
  const mark = markOf(bytes);
  return mark?.encoding === encoding ? mark.bytes.length : 0;
}

/** All of a small piece at once. */
export function decodeSample(bytes: Buffer, encoding: Encoding): string {
  const decoder = createDecoder(encoding);
  return decoder.write(bytes);
}
