/** The reader's choice of theme lives in a cookie, so that the server draws the right one at once. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const isTheme = (value: unknown): value is Theme => themes.some((theme) => theme === value);

const cookieName = "theme";
const aYear = 365 * 24 * 60 * 60;

/** The theme named in a Cookie header; `system` where none or an unknown one is. */
export function themeOf(cookieHeader: string | null): Theme {
  for (const part of (cookieHeader ?? "").split(";")) {
    const [name, value] = part.trim().split("=");
    if (name === cookieName && isTheme(value)) return value;
  }
  return "system";
}

/** The Set-Cookie value that keeps a theme for a year. */
export const themeCookie = (theme: Theme): string =>
  `${cookieName}=${theme}; Path=/; Max-Age=${aYear}; SameSite=Lax`;
