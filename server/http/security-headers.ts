import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import helmet from "helmet";
import type { Origins } from "./origins.ts";
import { stateOf } from "./request-state.ts";

export const cspReportPath = "/csp-report";

/**
 * A fresh nonce per answer, and the headers that keep a page from being framed, sniffed or fed foreign scripts.
 * @param options.formTargets origins that a form of ours may lead to: browsers hold a form's redirects to it, too
 */
export function securityHeaders(
  origins: () => Origins,
  options: { dev: boolean; formTargets: readonly string[] },
): RequestHandler {
  const { dev, formTargets } = options;
  const { https } = origins();
  const plain = helmet({
    contentSecurityPolicy: false,
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
  });
  const name = dev ? "Content-Security-Policy-Report-Only" : "Content-Security-Policy";
  return (req, res, next) => {
    const state = stateOf(res);
    state.cspNonce = randomBytes(16).toString("base64");
    const socket = state.origin.replace(/^http/, "ws");
    res.setHeader(name, contentSecurityPolicy(state.cspNonce, socket, formTargets));
    res.setHeader("Reporting-Endpoints", `csp="${cspReportPath}"`);
    res.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    plain(req, res, next);
  };
}

const contentSecurityPolicy = (nonce: string, socketOrigin: string, formTargets: readonly string[]): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src-elem 'self' 'nonce-${nonce}'`,
    // charts drawn on the server and the grid carry style attributes
    "style-src-attr 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ["form-action 'self'", ...formTargets].join(" "),
    `connect-src 'self' ${socketOrigin}`,
    "img-src 'self' data: blob:",
    `report-uri ${cspReportPath}`,
    "report-to csp",
  ].join("; ");
