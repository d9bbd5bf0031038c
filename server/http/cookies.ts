import type { ServerResponse } from "node:http";
import { sessionDays } from "#db/queries/sessions.ts";

/**
 * The session cookie. Under https its name begins with `__Host-`: no other host, not even a subdomain, can set it.
 * Browsers refuse that name over plain http, where it is called `session`.
 */
export const sessionCookieName = (https: boolean): string => (https ? "__Host-session" : "session");

export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? "").split(";")) {
    const [key, ...value] = part.split("=");
    if (key?.trim() === name) return value.join("=").trim();
  }
  return null;
}

/** Sets the cookie, or clears it at null; of several calls in one request the last counts. */
export function setSessionCookie(res: ServerResponse, https: boolean, value: string | null): void {
  const name = sessionCookieName(https);
  const cookie = [
    `${name}=${value ?? ""}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    `Max-Age=${value === null ? 0 : sessionDays * 86_400}`,
    ...(https ? ["Secure"] : []),
  ].join("; ");
  const before = res.getHeader("Set-Cookie");
  const others = (Array.isArray(before) ? before : before === undefined ? [] : [String(before)]).filter(
    (other) => !other.startsWith(`${name}=`),
  );
  res.setHeader("Set-Cookie", [...others, cookie]);
}
