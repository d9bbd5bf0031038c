import type { IncomingHttpHeaders } from "node:http";

/** What the gate looks at; a WebSocket upgrade is judged as a write. */
export interface GateFacts {
  method: string;
  headers: IncomingHttpHeaders;
  /** The origin that the request came to (its checked Host). */
  origin: string;
  /** Sends its secret by itself rather than letting the browser attach a cookie: nothing can be forged with it. */
  isBearer: boolean;
}

const reads = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * The one answer to cross-site request forgery: whatever writes must come from a page of this origin. A bearer
 * request may leave the Origin out, as programs do, but must not name a foreign one.
 */
export function passesGate({ method, headers, origin, isBearer }: GateFacts): boolean {
  if (reads.has(method)) return true;
  const site = headers["sec-fetch-site"];
  const from = headers.origin;
  // `null` is what a page says that hides where it is; only the browser's own word outweighs it
  if (from !== undefined && from !== origin && !(from === "null" && site === "same-origin")) return false;
  if (site === "same-origin") return true;
  if (from === origin) return true;
  return isBearer && site === undefined;
}
