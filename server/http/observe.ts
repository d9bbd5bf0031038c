import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";
import type { Logger } from "#root/log.ts";
import type { Metrics } from "./metrics.ts";
import { keepState } from "./request-state.ts";

/** Gives every request an id, and when it has been answered one line in the log and a place in the histogram. */
export function observeRequests(log: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const id = randomUUID();
    const began = performance.now();
    const requestLog = log.child({ requestId: id });
    keepState(res, { id, log: requestLog, origin: "", cspNonce: "", context: null });
    res.setHeader("X-Request-Id", id);
    res.once("close", () => {
      const ms = performance.now() - began;
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.requests.observe({ area: areaOf(req), method: req.method, status: String(status) }, ms / 1_000);
      const line = { ...describe(req), status, ms: Math.round(ms) };
      if (status >= 500) requestLog.warn(line, "request failed");
      else requestLog.debug(line, "request");
    });
    next();
  };
}

/** Few values, whatever people ask for: it is a label of a metric. */
function areaOf(req: Request): string {
  const [, first = "", second = ""] = req.path.split("/", 3);
  if (first === "api" && second === "v1") return "rest";
  if (first === "trpc") return "trpc";
  if (first === "webhooks") return "webhook";
  return first === "assets" ? "assets" : "page";
}

/** What may be logged of a request: secrets in links blanked, length bounded, control characters shown as text. */
export function describe(req: Pick<Request, "method" | "originalUrl" | "headers" | "ip">) {
  return {
    method: req.method,
    path: clean(req.originalUrl.replace(/([?&](?:token|code|state|password|input)=)[^&]*/gi, "$1…"), 500),
    ip: req.ip,
    userAgent: clean(req.headers["user-agent"] ?? "", 200),
  };
}

// a terminal that shows the log must not obey what somebody typed
const clean = (text: string, length: number) =>
  text.slice(0, length).replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
