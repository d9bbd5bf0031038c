import { expect, test } from "vitest";
import { themeCookie, themeOf } from "./theme.ts";

test("the theme is read from among other cookies", () => {
  expect(themeOf("session=abc; theme=dark; width=1280")).toBe("dark");
});

test("an unknown or missing theme follows the system", () => {
  expect(themeOf("theme=neon")).toBe("system");
  expect(themeOf(null)).toBe("system");
});

test("a written theme is read back", () => {
  expect(themeOf(themeCookie("light").split(";")[0] ?? "")).toBe("light");
});
