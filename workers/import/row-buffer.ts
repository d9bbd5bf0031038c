/** Staged rows on their way to COPY, as bytes. */

const startSize = 1_536 * 1024;
/** Room for what stands before a row's own cells. */
const headRoom = 64;

export interface RowBuffer {
  /** A row as text, its line end included. */
  write(row: string): void;
  /** The cells from `from` to `to` as they stand in the file, behind the row's line, zones (none) and count. */
  copy(line: number, count: number, bytes: Buffer, from: number, to: number): void;
  /** All rows since the last time; the buffer is the caller's. */
  take(): Buffer;
}

export function createRowBuffer(delimiter: string): RowBuffer {
  const separator = delimiter.charCodeAt(0);
  let buffer = Buffer.allocUnsafe(0);
  let at = 0;

  function makeRoom(size: number): void {
    if (at + size <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(startSize, 2 * (at + size)));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  }

  function writeCount(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let left = value;
    for (let i = at + digits - 1; i >= at; i -= 1) {
      buffer[i] = 48 + (left % 10);
      left = Math.floor(left / 10);
    }
    at += digits;
    buffer[at] = separator;
    at += 1;
  }

  return {
    write(row) {
      makeRoom(row.length * 3);
      at += buffer.write(row, at, "utf8");
    },
    copy(line, count, bytes, from, to) {
      makeRoom(headRoom + to - from);
      writeCount(line);
      writeCount(0);
      writeCount(count);
      at += bytes.copy(buffer, at, from, to);
      buffer[at] = 10;
      at += 1;
    },
    take() {
      const rows = buffer.subarray(0, at);
      // what was handed out may still be on its way when the next row comes
      buffer = Buffer.allocUnsafe(0);
      at = 0;
      return rows;
    },
  };
}
