import type { IncomingMessage } from "node:http";
import { AppError } from "#root/errors.ts";

/**
 * The bytes of a body as they came: a signature is over them, and nothing has parsed them before.
 * @throws AppError TOO_LARGE, UNSUPPORTED_MEDIA
 */
export async function readRawBody(req: IncomingMessage, mostBytes: number): Promise<Buffer> {
  if ((req.headers["content-encoding"] ?? "identity") !== "identity")
    throw new AppError("UNSUPPORTED_MEDIA", "Send the body without compression.");
  if (Number(req.headers["content-length"] ?? 0) > mostBytes) throw tooLarge(req, mostBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > mostBytes) throw tooLarge(req, mostBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(req: IncomingMessage, mostBytes: number): AppError {
  // what is still on its way is thrown away, so that the answer can be read
  req.resume();
  return new AppError("TOO_LARGE", `The body is larger than ${mostBytes} bytes.`);
}
