import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

test("a call in one trip sees its organisation, and ends committed or with an error that leaves nothing behind", async () => {
  const setting = { name: "current_setting", values: ["app-org"] };
  await expect(t.app.inOneTrip(t.orgA, setting)).rejects.toThrow("unrecognized configuration parameter");
  const rows = await t.app.inOneTrip<{ decode: Buffer }>(t.orgA, { name: "decode", values: ["00ff", "hex"] });
  expect(rows).toEqual([{ decode: Buffer.from([0, 255]) }]);
  const [{ encode } = {}] = await t.app.inOneTrip<{ encode: string }>(t.orgA, {
    name: "encode",
    values: [new Uint8Array([0, 39, 92, 255]), "hex"],
  });
  expect(encode).toBe("00275cff");
});

test("values that could be more than a value are not written into a call, nor is an organisation that is no id", async () => {
  const evil = ["x'; DROP TABLE app.collab_doc; --", "a b", "", "{}", '"', "\\", "a'b"];
  for (const value of evil) {
    const call = { name: "upper", values: [value] };
    await expect(t.app.inOneTrip(t.orgA, call)).rejects.toThrow("cannot be written");
    await expect(t.app.inOneTrip(t.orgA, { name: "upper", values: [[value]] })).rejects.toThrow(
      "cannot be written",
    );
    await expect(t.app.inOneTrip(value, call)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
});

test("a call inside another organisation's transaction is refused", async () => {
  await t.app.withOrg(t.orgA, async () => {
    await expect(t.app.inOneTrip(t.orgB, { name: "upper", values: ["a"] })).rejects.toMatchObject({
      code: "INTERNAL",
    });
  });
});
