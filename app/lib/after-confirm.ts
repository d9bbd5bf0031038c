import { safeNext } from "./safe-next.ts";

/** Where somebody was heading when they had to confirm their address first; kept in a cookie until the link is followed. */
const cookieName = "after-confirm";
const threeDays = 3 * 24 * 60 * 60;

export const afterConfirmCookie = (path: string): string =>
  `${cookieName}=${encodeURIComponent(path)}; Path=/; Max-Age=${threeDays}; HttpOnly; SameSite=Lax`;

export const clearAfterConfirm = `${cookieName}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;

/** The path in a Cookie header, or `/`; never another site. */
export function afterConfirmOf(cookieHeader: string | null): string {
  for (const part of (cookieHeader ?? "").split(";")) {
    const [name, value = ""] = part.trim().split("=");
    if (name !== cookieName) continue;
    try {
      return safeNext(decodeURIComponent(value));
    } catch {
      return "/";
    }
  }
  return "/";
}
