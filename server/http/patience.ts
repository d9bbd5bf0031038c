import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { RequestHandler } from "express";

const headersMs = 15_000;
const bodyMs = 30_000;
const uploadIdleMs = 60_000;
const socketsPerAddress = 500;

/**
 * How long the server waits for slow senders: headers 15 s, a body 30 s. An upload may take as long as it keeps
 * coming. One address holds so many connections and no more, unless a proxy may speak through it: one of ours, or a
 * program on this machine.
 */
export function limitPatience(server: Server, trustedProxies: number): void {
  server.headersTimeout = headersMs;
  // per request, below: an upload may take longer
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  if (trustedProxies > 0) return;
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    if (isLoopback(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > socketsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

export const isLoopback = (address: string): boolean => /^(::1$|(::ffff:)?127\.)/.test(address);

/** @param times for tests: milliseconds until a body must be there, and between two looks at an upload */
export function bodyDeadline(
  isUpload: (req: IncomingMessage) => boolean,
  times = { bodyMs, uploadIdleMs },
): RequestHandler {
  return (req, res, next) => {
    if (!req.complete) {
      if (isUpload(req)) watchProgress(req, times.uploadIdleMs);
      else watchDeadline(req, res, times.bodyMs);
    }
    next();
  };
}

function watchDeadline(req: IncomingMessage, res: ServerResponse, ms: number): void {
  const timer = setTimeout(() => {
    if (req.complete) return;
    if (!res.headersSent)
      res.writeHead(408, { Connection: "close", "Content-Type": "text/plain" }).end("Too slow.\n");
    req.destroy();
  }, ms);
  stopWith(req, timer);
}

function watchProgress(req: IncomingMessage, ms: number): void {
  let seen = req.socket.bytesRead;
  const timer = setInterval(() => {
    const now = req.socket.bytesRead;
    if (req.complete) clearInterval(timer);
    // a reader that holds the sender back is our own doing
    else if (now === seen && !req.isPaused()) req.destroy();
    seen = now;
  }, ms);
  stopWith(req, timer);
}

function stopWith(req: IncomingMessage, timer: NodeJS.Timeout): void {
  timer.unref();
  req.once("end", () => clearTimeout(timer));
  req.once("close", () => clearTimeout(timer));
}
