import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDecoder, createUtf8Check, detectEncoding } from "./encoding.ts";

const text = "a,ü,€,😀,ʤ\n1,2,3,4,5";
const wide = (big: boolean) => {
  const bytes = Buffer.from(text, "utf16le");
  return big ? bytes.swap16() : bytes;
};
const files = {
  "utf-8": Buffer.from(text),
  "utf-16le": wide(false),
  "utf-16be": wide(true),
} as const;

describe("bytes become text", () => {
  test.each(Object.keys(files) as (keyof typeof files)[])("%s, wherever the bytes are cut", (encoding) => {
    const bytes = files[encoding];
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const decoder = createDecoder(encoding);
      const found =
        decoder.write(bytes.subarray(0, cut)) + decoder.write(bytes.subarray(cut)) + decoder.end();
      expect(found).toBe(text);
      expect(decoder.bytesDone).toBe(bytes.length);
    }
  });

  test("windows-1252 has its own signs between 0x80 and 0x9f", () => {
    const decoder = createDecoder("windows-1252");
    expect(decoder.write(Buffer.from([0x80, 0x93, 0xa9, 0xe9, 0x41])) + decoder.end()).toBe("€“©éA");
  });

  test("a byte order mark is no text, but one inside the file is", () => {
    const decoder = createDecoder("utf-8");
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    expect(decoder.write(mark.subarray(0, 2)) + decoder.write(mark.subarray(2)) + decoder.write(mark)).toBe(
      "\ufeff",
    );
  });

  test("half a character at the end is shown as unreadable", () => {
    const decoder = createDecoder("utf-16le");
    expect(decoder.write(Buffer.from([0x41, 0, 0x42])) + decoder.end()).toBe("A\ufffd");
  });
});

describe("detection", () => {
  const marked = (mark: number[], bytes: Buffer) => Buffer.concat([Buffer.from(mark), bytes]);
  test("a mark decides", () => {
    expect(detectEncoding(marked([0xff, 0xfe], files["utf-16le"]), false)).toEqual({
      encoding: "utf-16le",
      guessed: false,
    });
    expect(detectEncoding(marked([0xfe, 0xff], files["utf-16be"]), false)).toEqual({
      encoding: "utf-16be",
      guessed: false,
    });
    expect(detectEncoding(marked([0xef, 0xbb, 0xbf], files["utf-8"]), true)).toEqual({
      encoding: "utf-8",
      guessed: false,
    });
  });

  test("UTF-16 without a mark shows by its zeros; UTF-8 by being valid; the rest is flagged", () => {
    const plain = Buffer.from("id,name\n1,2\n", "utf16le");
    expect(detectEncoding(plain, true)).toEqual({ encoding: "utf-16le", guessed: true });
    expect(detectEncoding(Buffer.from(plain).swap16(), true)).toEqual({
      encoding: "utf-16be",
      guessed: true,
    });
    expect(detectEncoding(files["utf-8"], true)).toEqual({ encoding: "utf-8", guessed: false });
    expect(detectEncoding(Buffer.from([0x61, 0xa9]), false)).toEqual({
      encoding: "windows-1252",
      guessed: true,
    });
  });

  test("validity of UTF-8 does not depend on where the pieces are cut", () => {
    const check = (pieces: Buffer[]) => {
      const seen = createUtf8Check();
      for (const piece of pieces) seen.write(piece);
      return seen.valid();
    };
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(40), (given, cut) => {
        const bytes = Buffer.from(given.toWellFormed());
        expect(check([bytes.subarray(0, cut), bytes.subarray(cut)])).toBe(true);
      }),
    );
    expect(check([Buffer.from([0x61, 0xe2, 0x82])])).toBe(false);
    expect(check([Buffer.from([0xe2, 0x82]), Buffer.from([0x61])])).toBe(false);
    expect(check([Buffer.from([0xa9])])).toBe(false);
    expect(check([])).toBe(true);
  });
});
