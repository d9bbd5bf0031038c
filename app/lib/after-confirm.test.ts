import { expect, test } from "vitest";
import { afterConfirmCookie, afterConfirmOf } from "./after-confirm.ts";

test("the way back survives the cookie", () => {
  const cookie = afterConfirmCookie("/invitation?token=jvi_a_b").split(";")[0] ?? "";
  expect(afterConfirmOf(`session=x; ${cookie}`)).toBe("/invitation?token=jvi_a_b");
});

test("a cookie that leads elsewhere, or is broken, leads to the start page", () => {
  expect(afterConfirmOf("after-confirm=%2F%2Fevil.example")).toBe("/");
  expect(afterConfirmOf("after-confirm=%E0%A4%A")).toBe("/");
  expect(afterConfirmOf(null)).toBe("/");
});
