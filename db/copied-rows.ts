import type { Readable } from "node:stream";

/**
 * The pieces of a `COPY … TO STDOUT` by postgres.js, whose connection can be used again afterwards: 3.4.9 pauses it when the
 * stream is full and goes on only in `_read`, which nobody calls after the last piece. The next statement would wait for ever.
 */
export async function* copiedRows(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } finally {
    stream.resume();
    stream._read(0);
  }
}
