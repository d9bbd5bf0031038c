import { afterAll, describe, expect, test } from "vitest";
import { addWidget, deleteWidgets, setFilters } from "#collab/dashboard-commands.ts";
import { defaultDashboard } from "#collab/widgets/default-dashboard.ts";
import { sql } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { findDocHead } from "#db/queries/collab.ts";
import { editDoc } from "#db/queries/collab-edit.ts";
import { seedDashboards } from "#db/queries/dashboard-projections.ts";
import { startTestRest } from "../testing-rest.ts";

const { t, call, editor, viewer, theirs, close } = await startTestRest();

afterAll(close);

const make = async (body: object = { title: "Board" }, token = editor): Promise<string> =>
  (await call("POST", "/dashboards", body, token)).body.id;
const get = (id: string, token = editor) => call("GET", `/dashboards/${id}`, undefined, token);
const titles = async (query = "", token = editor): Promise<string[]> =>
  (await call("GET", `/dashboards${query}`, undefined, token)).body.items.map(
    ({ title }: { title: string }) => title,
  );
const actor = { by: "ada", at: "2026-11-22T10:00:00Z" };
/** As somebody at the document does it. */
const edit = (id: string, change: Parameters<typeof editDoc>[2]) =>
  t.app.withOrg(t.orgA, (tx) => editDoc(tx, id, change));

describe("dashboards over REST", () => {
  test("are made empty, or as the overview", async () => {
    const made = await call("POST", "/dashboards", { title: "Empty" });
    expect(made.status).toBe(201);
    expect(made.body.doc_id).toBe(made.body.id);
    expect((await get(made.body.id)).body).toEqual({
      ...{ id: made.body.id, doc_id: made.body.id, title: "Empty", widgets: {}, filters: {} },
    });
    const full = (await get(await make({ title: "Full", template: "overview" }))).body;
    expect(Object.keys(full.widgets).sort()).toEqual(Object.keys(defaultDashboard().widgets).sort());
    expect(full.widgets.arr).toMatchObject({ rect: { lg: [0, 0, 2, 3] }, cfg: { metric: "arr" } });
    expect((await call("POST", "/dashboards", { title: "x", template: "none" })).status).toBe(400);
    expect((await call("POST", "/dashboards", { title: "x", widgets: {} })).status).toBe(400);
  });

  test("say at once what was written into the document, without what was deleted", async () => {
    const id = await make();
    let [kept, gone] = ["", ""];
    await edit(id, (doc) => {
      kept = addWidget(doc, { type: "kpi", cfg: { metric: "mrr", note: "\u0000 and \ud800" } }, actor);
      gone = addWidget(doc, { type: "movements", cfg: {} }, actor);
    });
    await edit(id, (doc) => {
      deleteWidgets(doc, [gone], actor);
      setFilters(doc, { plan: ["Scale"] }, actor);
    });
    const { widgets, filters } = (await get(id)).body;
    expect(Object.keys(widgets)).toEqual([kept]);
    expect(widgets[kept]).toMatchObject({ type: "kpi", cfg: { metric: "mrr" }, del: null });
    expect(Object.values(filters)).toMatchObject([{ key: "plan", values: ["Scale"] }]);
    // the second reader gets what the first one kept
    expect((await get(id, viewer)).body.widgets).toEqual(widgets);
  });

  test("are renamed through the document, by the server itself", async () => {
    const id = await make({ title: "Before" });
    expect((await call("PATCH", `/dashboards/${id}`, { title: "After" })).body.title).toBe("After");
    expect(await titles()).toContain("After");
    expect((await call("PATCH", `/dashboards/${id}`, { title: "x".repeat(201) })).status).toBe(400);
    expect((await call("PATCH", `/dashboards/${id}`, { title: "x" }, viewer)).status).toBe(403);
  });

  test("are duplicated with all their widgets", async () => {
    const id = await make({ title: "Original", template: "overview" });
    const copy = (await call("POST", `/dashboards/${id}/duplicate`, {})).body.id;
    const [a, b] = [(await get(id)).body, (await get(copy)).body];
    expect(b.title).toBe("Original (copy)");
    expect(b.widgets).toEqual(a.widgets);
    await edit(copy, (doc) => deleteWidgets(doc, ["arr"], actor));
    expect((await get(id)).body.widgets).toEqual(a.widgets);
  });

  test("are archived, with their document closed, and restored", async () => {
    const id = await make({ title: "Old" });
    expect((await call("DELETE", `/dashboards/${id}`)).status).toBe(200);
    expect((await call("DELETE", `/dashboards/${id}`)).status).toBe(200);
    expect((await get(id)).body.error).toMatchObject({ code: "archived" });
    expect(await titles()).not.toContain("Old");
    expect(await titles("?archived=true")).toEqual(["Old"]);
    const head = () => t.app.withOrg(t.orgA, (tx) => findDocHead(tx, id));
    expect(await head()).toMatchObject({ isClosed: true });
    expect((await call("POST", `/dashboards/${id}/restore`, {}, viewer)).status).toBe(403);
    expect((await call("POST", `/dashboards/${id}/restore`, {})).status).toBe(200);
    expect(await head()).toMatchObject({ isClosed: false });
    expect((await get(id)).body.title).toBe("Old");
  });

  test("are another organisation's business alone", async () => {
    const id = await make({ title: "secret of B" }, theirs);
    expect((await get(id)).status).toBe(404);
    expect((await call("PATCH", `/dashboards/${id}`, { title: "mine" })).status).toBe(404);
    expect((await call("DELETE", `/dashboards/${id}`)).status).toBe(404);
    expect((await call("POST", `/dashboards/${id}/duplicate`, {})).status).toBe(404);
    expect(await titles()).not.toContain("secret of B");
    expect(await titles("", theirs)).toEqual(["secret of B"]);
    await expect(edit(id, (doc) => deleteWidgets(doc, ["x"], actor))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("versions", () => {
  test("are named, read and restored as edits; what was before is kept", async () => {
    const id = await make({ title: "Now", template: "overview" });
    const made = await call("POST", `/dashboards/${id}/versions`, { label: "Before the board" });
    expect(made.status).toBe(201);
    await edit(id, (doc) => deleteWidgets(doc, ["arr"], actor));
    await call("PATCH", `/dashboards/${id}`, { title: "Later" });
    const path = `/dashboards/${id}/versions`;
    const list = (await call("GET", path, undefined, viewer)).body.items;
    expect(list).toMatchObject([
      { id: made.body.id, kind: "named", label: "Before the board", by: expect.stringContaining("@") },
    ]);
    const then = (await call("GET", `${path}/${made.body.id}`, undefined, viewer)).body;
    expect(then.title).toBe("Now");
    expect(then.widgets).toHaveProperty("arr");
    expect((await call("POST", `${path}/${made.body.id}/restore`, {}, viewer)).status).toBe(403);
    expect((await call("POST", `${path}/${made.body.id}/restore`, {}, theirs)).status).toBe(404);
    expect((await call("POST", `${path}/${made.body.id}/restore`, {})).status).toBe(200);
    const now = (await get(id)).body;
    expect([now.title, now.widgets.arr?.cfg]).toEqual(["Now", { metric: "arr" }]);
    const kinds = (await call("GET", path)).body.items.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(["before_restore", "named"]);
  });
});

test("a dashboard from before there were documents gets one, once", async () => {
  const id = newId();
  const { title, widgets } = defaultDashboard();
  await t.app.withOrg(t.orgA, (tx) =>
    tx.rows(sql`INSERT INTO dashboard (org_id, id, title, widgets)
      VALUES (${tx.orgId}, ${id}, ${title}, ${JSON.stringify(widgets)}::json)`),
  );
  expect(Object.keys((await get(id)).body.widgets)).toHaveLength(Object.keys(widgets).length);
  await t.worker.withOrg(t.orgA, seedDashboards);
  await edit(id, (doc) => deleteWidgets(doc, ["arr"], actor));
  await t.worker.withOrg(t.orgA, seedDashboards);
  expect((await get(id)).body.widgets).not.toHaveProperty("arr");
});
