import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, viewer, theirs, close } = await startTestRest();

afterAll(close);
beforeEach(async () => {
  for (const orgId of [t.orgA, t.orgB])
    await t.app.withOrg(orgId, (tx) => tx.rows(sql`DELETE FROM annotation WHERE org_id = ${tx.orgId}`));
});

describe("annotations over REST", () => {
  test("are made, read, changed and deleted, and the log says by whom", async () => {
    const made = await call("POST", "/annotations", { day: "2026-03-01", title: "Price rise", text: "10 %" });
    expect(made).toMatchObject({
      status: 201,
      body: {
        day: "2026-03-01",
        title: "Price rise",
        text: "10 %",
        created_by: expect.stringContaining("@"),
      },
    });
    const { id } = made.body;
    expect(await call("PATCH", `/annotations/${id}`, { text: null })).toMatchObject({
      status: 200,
      body: { title: "Price rise", text: null },
    });
    expect((await call("GET", `/annotations/${id}`, undefined, viewer)).body).toMatchObject({
      id,
      text: null,
    });
    expect((await call("DELETE", `/annotations/${id}`)).status).toBe(200);
    expect((await call("GET", `/annotations/${id}`)).status).toBe(404);
    const audit = await t.app.withOrg(t.orgA, (tx) =>
      tx.rows<{ action: string }>(
        sql`SELECT action FROM audit_log WHERE org_id = ${tx.orgId} AND action LIKE 'annotation.%' ORDER BY id`,
      ),
    );
    expect(audit.map(({ action }) => action)).toEqual([
      "annotation.created",
      "annotation.updated",
      "annotation.deleted",
    ]);
  });

  test("come by range, the latest day first, page by page", async () => {
    for (const day of ["2026-01-15", "2026-03-01", "2026-02-01", "2026-03-01"])
      await call("POST", "/annotations", { day, title: `on ${day}` });
    const days: string[] = [];
    let cursor = "";
    do {
      const { body } = await call(
        "GET",
        `/annotations?from=2026-02-01&to=2026-03-01&limit=1${cursor ? `&cursor=${cursor}` : ""}`,
      );
      days.push(...body.items.map(({ day }: { day: string }) => day));
      cursor = body.next ?? "";
    } while (cursor);
    expect(days).toEqual(["2026-03-01", "2026-03-01", "2026-02-01"]);
  });

  test("are an organisation's own, read by everybody and changed by editors", async () => {
    const { id } = (await call("POST", "/annotations", { day: "2026-03-01", title: "Ours" })).body;
    expect((await call("GET", "/annotations", undefined, theirs)).body.items).toEqual([]);
    expect((await call("DELETE", `/annotations/${id}`, undefined, theirs)).status).toBe(404);
    expect((await call("GET", "/annotations", undefined, viewer)).body.items).toHaveLength(1);
    expect((await call("POST", "/annotations", { day: "2026-03-01", title: "T" }, viewer)).status).toBe(403);
    expect((await call("PATCH", `/annotations/${id}`, { title: "T" }, viewer)).status).toBe(403);
    expect((await call("DELETE", `/annotations/${id}`, undefined, viewer)).status).toBe(403);
  });

  test("are refused on days that do not exist, without a title, or too long", async () => {
    for (const body of [
      { day: "2026-02-30", title: "T" },
      { day: "soon", title: "T" },
      { day: "2026-02-01", title: " " },
      { day: "2026-02-01", title: "x".repeat(201) },
      { day: "2026-02-01", title: "T", text: "x".repeat(2_001) },
      { day: "2026-02-01", title: "T\u0000" },
      { day: "2026-02-01", title: "T", org_id: t.orgB },
    ])
      expect((await call("POST", "/annotations", body)).status, JSON.stringify(body).slice(0, 80)).toBe(400);
  });
});
