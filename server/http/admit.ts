import type { IncomingMessage } from "node:http";
import type { RequestHandler } from "express";
import { bearerToken } from "./attach-context.ts";
import { passesGate } from "./gate.ts";
import type { Origins } from "./origins.ts";
import { stateOf } from "./request-state.ts";

/** Answers only under our own names: 421 elsewhere. */
export const requireOwnHost =
  (origins: () => Origins, trustedProxies: number): RequestHandler =>
  (req, res, next) => {
    // only a proxy of ours may say under which name it was asked
    if (trustedProxies === 0) delete req.headers["x-forwarded-host"];
    const own = origins();
    const origin = own.ofHost(hostOf(req));
    if (origin === null) {
      res
        .status(421)
        .setHeader("Cache-Control", "no-store")
        .json({
          error: {
            code: "misdirected_request",
            message: `This server answers under ${own.origin} only. To reach it under another address, set BASE_URL.`,
          },
        });
      return;
    }
    stateOf(res).origin = origin;
    next();
  };

export function hostOf(req: IncomingMessage): string | undefined {
  const forwarded = req.headers["x-forwarded-host"];
  return typeof forwarded === "string" ? forwarded.split(",").at(-1)?.trim() : req.headers.host;
}

/** The CSRF gate, in front of pages, tRPC and REST alike. */
export const requireOwnOrigin: RequestHandler = (req, res, next) => {
  const { authorization, cookie } = req.headers;
  const isApi = req.path.startsWith("/api/v1/");
  const isBearer =
    (authorization !== undefined && bearerToken(authorization) !== null) ||
    (req.method === "POST" && req.path === "/api/v1/session") ||
    // a program that forgot its token: nothing of it can be forged, and the API says what is missing
    (isApi && cookie === undefined);
  const { origin } = stateOf(res);
  if (passesGate({ method: req.method, headers: req.headers, origin, isBearer })) {
    next();
    return;
  }
  res
    .status(403)
    .setHeader("Cache-Control", "no-store")
    .json({
      error: {
        code: "cross_site_request",
        message: "This request did not come from a page of this site, so it was not carried out.",
      },
    });
};
