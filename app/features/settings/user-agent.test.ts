import { expect, test } from "vitest";
import { describeAgent } from "./user-agent.ts";

test("browsers that claim to be each other are told apart", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
  expect(describeAgent(chrome)).toBe("Chrome on Linux");
  expect(describeAgent(`${chrome} Edg/140.0`)).toBe("Edge on Linux");
  expect(
    describeAgent("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"),
  ).toBe("Safari on iPhone");
});

test("what is unknown is called so", () => {
  expect(describeAgent("")).toBe("Unknown browser");
});
