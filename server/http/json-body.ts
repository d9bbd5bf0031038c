import type { IncomingMessage } from "node:http";
import { AppError } from "#root/errors.ts";

const maxDepth = 64;

/**
 * Reads a request's JSON text, checked before anything parses it: its size, its depth, and that no key could reach an
 * object's prototype.
 * @returns null when there is no body
 * @throws AppError TOO_LARGE, UNSUPPORTED_MEDIA, BAD_REQUEST
 */
export async function readJsonText(req: IncomingMessage, maxBytes: number): Promise<string | null> {
  const declared = req.headers["content-length"];
  if (req.headers["transfer-encoding"] === undefined && (declared === undefined || declared === "0"))
    return null;
  if (!/^application\/json\s*(;|$)/i.test(req.headers["content-type"] ?? ""))
    throw new AppError("UNSUPPORTED_MEDIA", "Send the body as application/json.");
  if ((req.headers["content-encoding"] ?? "identity") !== "identity")
    throw new AppError("UNSUPPORTED_MEDIA", "Send the body without compression.");
  const text = await readText(req, maxBytes, Number(declared ?? 0));
  requireHarmlessJson(text);
  return text === "" ? null : text;
}

async function readText(req: IncomingMessage, maxBytes: number, declared: number): Promise<string> {
  if (declared > maxBytes) throw tooLarge(req, maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw tooLarge(req, maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(req: IncomingMessage, maxBytes: number): AppError {
  // what is still on its way is thrown away, so that the answer can be read
  req.resume();
  return new AppError("TOO_LARGE", `The body is larger than ${maxBytes} bytes.`);
}

/** @throws AppError BAD_REQUEST when the text is nested too deep or holds a key that could reach a prototype */
export function requireHarmlessJson(text: string): void {
  if (depthOf(text) > maxDepth)
    throw new AppError("BAD_REQUEST", `The body is nested deeper than ${maxDepth} levels.`);
  if (/__proto__|\\u005f/i.test(text) && hasPrototypeKey(parseJson(text)))
    throw new AppError("BAD_REQUEST", "A key of the body is not allowed.");
}

/** @throws AppError BAD_REQUEST (`invalid_json`) */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("BAD_REQUEST", "The body is not JSON.", { reason: "invalid_json" });
  }
}

/** Counts brackets outside of strings, in one pass and without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

/** The depth has been bounded before. */
function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => key.split(".").includes("__proto__") || hasPrototypeKey(inner),
  );
}
