import { afterEach, expect, test, vi } from "vitest";
import { newId } from "#db/ids.ts";
import { keepCounts } from "./kept-counts.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("an organisation's counts are made anew after a minute, and another's are its own", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  let counted = 0;
  const count = async () => [{ key: "size", value: "0-50", customers: String(++counted) }];
  const of = (id: string, answersKept = 10) => keepCounts({ env: { LIMITS: { answersKept } }, org: { id } });
  const [ours, theirs] = [newId(), newId()];
  const first = await of(ours)("bands", count);
  expect(await of(ours)("bands", count)).toEqual(first);
  expect(await of(theirs)("bands", count)).not.toEqual(first);
  // where no answers are kept these are not either
  expect(await of(ours, 0)("bands", count)).not.toEqual(first);
  const kept = await of(ours)("bands", count);
  vi.advanceTimersByTime(61_000);
  expect(await of(ours)("bands", count)).not.toEqual(kept);
});
