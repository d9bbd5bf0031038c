import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, sql } from "#db/database.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { testCaller, testMember, testToken } from "../testing.ts";
import { startTestRest } from "../testing-rest.ts";
import type { Principal } from "../trpc.ts";

const { t, call, editor, viewer, theirs, tokenOf, close } = await startTestRest();
const commenter = await tokenOf("commenter");

let dashboard: string;
let foreign: string;

const widgets = {
  retention: {
    type: "cohort_heatmap",
    title: "Retention",
    ord: "a",
    rect: { lg: [0, 0, 6, 8], sm: [0, 0, 4, 8] },
    cfg: { measure: "customers" },
    del: null,
  },
};

beforeAll(async () => {
  const make = (orgId: string) =>
    t.app.withOrg(orgId, (tx) => createDashboard(tx, { title: "Board", widgets, filters: {} }));
  dashboard = (await make(t.orgA)).id;
  foreign = (await make(t.orgB)).id;
});
afterAll(close);
beforeEach(async () => {
  for (const orgId of [t.orgA, t.orgB])
    await t.app.withOrg(orgId, (tx) => tx.rows(sql`DELETE FROM comment_thread WHERE org_id = ${tx.orgId}`));
});

const cell = () => ({
  kind: "cohort_cell",
  dashboard_id: dashboard,
  widget_id: "retention",
  path: { cohort: "2026-03", period: 4 },
  label: "Retention",
  shown: "83%",
});
const begin = async (text = "Why so low?", token = editor, anchor: object = cell()) =>
  (await call("POST", "/comments", { text, anchor }, token)).body;
const reply = (parent_id: string, text: string, token = commenter) =>
  call("POST", "/comments", { text, parent_id }, token);

const auditActions = () =>
  t.app.withOrg(t.orgA, async (tx) => {
    const rows = await tx.rows<{ action: string; row: string }>(
      sql`SELECT action, row_to_json(a)::text AS row FROM audit_log a WHERE org_id = ${tx.orgId} AND action LIKE 'comment.%' ORDER BY id`,
    );
    return rows;
  });

describe("a thread on a cohort cell", () => {
  test("is begun, answered, edited, resolved, opened again and deleted; the log says by whom and not what", async () => {
    const first = await call("POST", "/comments", { text: "Why so low?", anchor: cell() });
    expect(first).toMatchObject({
      status: 201,
      body: {
        parent_id: null,
        no: 1,
        text: "Why so low?",
        deleted: false,
        author: { email: expect.stringContaining("token-editor") },
        can_edit: true,
        thread: {
          anchor: {
            kind: "cohort_cell",
            dashboard_id: dashboard,
            dashboard_title: "Board",
            widget_id: "retention",
            path: { cohort: "2026-03", period: 4, basis: "first_payment", measure: "customers" },
            label: "Retention",
            shown: "83%",
          },
          resolved_at: null,
          replies: 0,
          unread: 0,
        },
      },
    });
    const { id, thread_id } = first.body;
    expect(thread_id).toBe(id);
    const second = (await reply(id, "Black Friday customers")).body;
    expect(second).toMatchObject({ thread_id: id, parent_id: id, no: 2, thread: null });
    // an answer to an answer is in the same thread
    expect((await reply(second.id, "They left")).body).toMatchObject({ thread_id: id, parent_id: id, no: 3 });
    expect(await call("PATCH", `/comments/${id}`, { text: "Why is this so low?" })).toMatchObject({
      status: 200,
      body: { text: "Why is this so low?", edited_at: expect.any(String), thread: { replies: 2 } },
    });
    expect((await call("PATCH", `/comments/${id}`, { resolved: true }, commenter)).body.thread).toMatchObject(
      {
        resolved_at: expect.any(String),
        resolved_by: { email: expect.stringContaining("token-commenter") },
      },
    );
    expect((await call("GET", "/comments?state=open")).body.items).toEqual([]);
    expect((await call("GET", "/comments?state=resolved")).body.items).toHaveLength(1);
    expect((await call("PATCH", `/comments/${id}`, { resolved: false })).body.thread.resolved_at).toBeNull();
    expect(
      (await call("GET", `/comments?thread_id=${id}`)).body.items.map((one: { text: string }) => one.text),
    ).toEqual(["Why is this so low?", "Black Friday customers", "They left"]);
    expect((await call("DELETE", `/comments/${id}`)).status).toBe(200);
    // its place stays for those who answered, its words are gone
    expect((await call("GET", `/comments?thread_id=${id}`)).body.items[0]).toMatchObject({
      text: "",
      deleted: true,
    });
    const log = await auditActions();
    expect(log.map(({ action }) => action)).toEqual(
      ["created", "created", "created", "edited", "resolved", "reopened", "deleted"].map(
        (verb) => `comment.${verb}`,
      ),
    );
    expect(log.map(({ row }) => row).join()).not.toMatch(/so low|Friday|They left/);
  });

  test("goes as a whole when nothing is left in it", async () => {
    const { id } = await begin();
    const { id: second } = (await reply(id, "Two", editor)).body;
    await call("DELETE", `/comments/${id}`);
    expect((await call("GET", `/comments/${id}`)).status).toBe(200);
    await call("DELETE", `/comments/${second}`);
    expect((await call("GET", `/comments/${id}`)).status).toBe(404);
    expect((await call("DELETE", `/comments/${second}`)).status).toBe(404);
  });

  test("is open again when somebody answers", async () => {
    const { id } = await begin();
    await call("PATCH", `/comments/${id}`, { resolved: true });
    await reply(id, "Not quite");
    expect((await call("GET", `/comments/${id}`)).body.thread.resolved_at).toBeNull();
  });

  test("outlives its widget: the anchor says what it was", async () => {
    const { id } = await begin();
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE comment_thread SET widget_id = 'gone' WHERE org_id = ${tx.orgId}`),
    );
    expect((await call("GET", `/comments/${id}`)).body.thread.anchor).toMatchObject({
      widget_id: "gone",
      label: "Retention",
      path: { cohort: "2026-03", period: 4 },
    });
    expect((await reply(id, "Still here")).status).toBe(201);
  });
});

describe("who may do what", () => {
  test("commenters comment and change only what is theirs; viewers read; admins take away", async () => {
    const { id } = await begin("Editor's");
    const { id: own } = await begin("Commenter's", commenter);
    expect((await call("PATCH", `/comments/${own}`, { text: "Mine" }, commenter)).status).toBe(200);
    expect(await call("PATCH", `/comments/${id}`, { text: "Not mine" }, commenter)).toMatchObject({
      status: 403,
      body: { error: { code: "not_author" } },
    });
    expect((await call("DELETE", `/comments/${id}`, undefined, commenter)).status).toBe(403);
    expect((await call("POST", "/comments", { text: "T", anchor: cell() }, viewer)).status).toBe(403);
    expect((await reply(id, "T", viewer)).status).toBe(403);
    expect((await call("PATCH", `/comments/${id}`, { resolved: true }, viewer)).status).toBe(403);
    expect((await call("DELETE", `/comments/${id}`, undefined, viewer)).status).toBe(403);
    expect((await call("GET", `/comments/${id}`, undefined, viewer)).body).toMatchObject({
      can_edit: false,
      can_delete: false,
    });
    const admin = await testToken(t, t.orgA, "admin");
    expect((await call("PATCH", `/comments/${id}`, { text: "Words in your mouth" }, admin)).status).toBe(403);
    expect((await call("DELETE", `/comments/${id}`, undefined, admin)).status).toBe(200);
    // commenting gives no right to edit the dashboard
    expect((await call("POST", "/dashboards", { title: "T" }, commenter)).status).toBe(403);
  });

  test("an organisation's threads are its own, by whatever id one tries", async () => {
    const { id } = await begin();
    const theirAnchor = { ...cell(), dashboard_id: foreign };
    const { id: alien } = await begin("Theirs", theirs, theirAnchor);
    expect((await call("GET", "/comments", undefined, theirs)).body.items).toHaveLength(1);
    for (const [method, path, body] of [
      ["GET", `/comments/${id}`],
      ["GET", `/comments?thread_id=${id}`],
      ["PATCH", `/comments/${id}`, { resolved: true }],
      ["DELETE", `/comments/${id}`],
      ["POST", `/comments/${id}/read`, {}],
      ["POST", "/comments", { text: "T", parent_id: id }],
      ["POST", "/comments", { text: "T", anchor: cell() }],
      ["POST", "/comments", { text: "T", anchor: { kind: "dashboard", dashboard_id: dashboard } }],
    ] as const)
      expect((await call(method, path, body, theirs)).status, `${method} ${path}`).toBe(404);
    // B's widget of A's dashboard, and a thread of B's inside A
    expect(
      (await call("POST", "/comments", { text: "T", anchor: { ...cell(), widget_id: "elsewhere" } })).status,
    ).toBe(404);
    await expect(
      t.app.withOrg(t.orgA, (tx) =>
        tx.rows(
          sql`INSERT INTO comment (org_id, id, thread_id, no, body) VALUES (${tx.orgId}, ${crypto.randomUUID()}, ${alien}, 9, 'x')`,
        ),
      ),
    ).rejects.toThrow();
  });
});

describe("hostile input", () => {
  test("is refused where it is empty, too long, or pinned to nothing that can be", async () => {
    const thread = (anchor: object) => ({ text: "T", anchor });
    const cases: [number, object][] = [
      [400, { text: "T" }],
      [400, { text: " \n", anchor: cell() }],
      [400, { text: "x".repeat(10_001), anchor: cell() }],
      [400, { text: "T\u0000", anchor: cell() }],
      [400, { text: "T", anchor: cell(), parent_id: crypto.randomUUID() }],
      [400, { text: "T", anchor: cell(), org_id: t.orgB }],
      [400, { text: "T", anchor: cell(), author: "ceo@x.example" }],
      [400, thread({ ...cell(), path: { cohort: "2026-13", period: 4 } })],
      [400, thread({ ...cell(), path: { cohort: "2026-03", period: -1 } })],
      [400, thread({ ...cell(), path: { cohort: "2026-03", period: 4, extra: "x".repeat(1000) } })],
      [400, thread({ ...cell(), kind: "__proto__" })],
      [
        400,
        thread({
          kind: "point",
          dashboard_id: dashboard,
          widget_id: "retention",
          path: { metric: "no", period: "2026" },
        }),
      ],
      [400, thread({ kind: "widget", dashboard_id: dashboard })],
      [404, thread({ kind: "widget", dashboard_id: dashboard, widget_id: "__proto__" })],
      [400, thread({ ...cell(), dashboard_id: null })],
    ];
    for (const [status, body] of cases)
      expect((await call("POST", "/comments", body)).status, JSON.stringify(body).slice(0, 120)).toBe(status);
    expect((await call("POST", "/comments", { text: "x".repeat(1_000_000), anchor: cell() })).status).toBe(
      400,
    );
    for (const cursor of ["x", "WyJ4IiwieSJd", "WzEuNV0"])
      expect((await call("GET", `/comments?cursor=${cursor}`)).status).toBe(400);
    const { id } = await begin();
    expect((await call("GET", `/comments?thread_id=${id}&cursor=WyJ4Il0`)).status).toBe(400);
  });

  test("in names and texts comes back as it was typed", async () => {
    const text = "<img src=x onerror=alert(1)> \u202e ﷽ '; DROP TABLE comment; --";
    const { id } = await begin(text);
    expect((await call("GET", `/comments/${id}`)).body.text).toBe(text);
  });

  test("500 mentions are too many; an address of nobody here is said to be one", async () => {
    const many = Array.from({ length: 500 }, (_, i) => `p${i}@example.com`);
    expect((await call("POST", "/comments", { text: "T", anchor: cell(), mentions: many })).status).toBe(400);
    expect(
      await call("POST", "/comments", { text: "T", anchor: cell(), mentions: ["nobody@b.example"] }),
    ).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining("nobody@b.example") } },
    });
    for (let i = 0; i < 21; i++) await testMember(t, t.orgA, "viewer", `crowd${i}@a.example`);
    const text = Array.from({ length: 21 }, (_, i) => `@crowd${i}@a.example`).join(" ");
    expect((await call("POST", "/comments", { text, anchor: cell() })).status).toBe(422);
  });
});

describe("lists", () => {
  test("come page by page, threads by what was said last, comments by age", async () => {
    const ids: string[] = [];
    for (const text of ["one", "two", "three"]) ids.push((await begin(text)).id);
    await reply(ids[0] ?? "", "again");
    const walk = async (path: string) => {
      const texts: string[] = [];
      let cursor = "";
      do {
        const { body } = await call("GET", `${path}${cursor ? `&cursor=${cursor}` : ""}`);
        texts.push(...body.items.map(({ text }: { text: string }) => text));
        cursor = body.next ?? "";
      } while (cursor);
      return texts;
    };
    expect(await walk("/comments?limit=1")).toEqual(["one", "three", "two"]);
    expect(await walk(`/comments?thread_id=${ids[0]}&limit=1`)).toEqual(["one", "again"]);
    expect(await walk(`/comments?limit=5&dashboard_id=${foreign}`)).toEqual([]);
    expect(
      await walk(`/comments?limit=5&dashboard_id=${dashboard}&widget_id=retention&kind=cohort_cell`),
    ).toHaveLength(3);
  });

  test("of ten thousand comments come a page at a time", async () => {
    const { id } = await begin("many");
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`
        WITH made AS (INSERT INTO comment (org_id, id, thread_id, no, body)
          SELECT ${tx.orgId}::uuid, gen_random_uuid(), ${id}::uuid, n, 'comment ' || n FROM generate_series(2, 10000) n)
        UPDATE comment_thread SET last_no = 10000 WHERE org_id = ${tx.orgId} AND id = ${id}`),
    );
    const { body } = await call("GET", `/comments?thread_id=${id}`);
    expect(body.items).toHaveLength(100);
    expect(body.next).toEqual(expect.any(String));
    expect((await call("GET", "/comments")).body.items[0].thread.replies).toBe(9_999);
    expect((await reply(id, "last")).body.no).toBe(10_001);
  });
});

describe("what is unread", () => {
  let ada: Principal;
  let bob: Principal;
  beforeAll(async () => {
    ada = await testMember(t, t.orgA, "editor", "ada@a.example");
    bob = await testMember(t, t.orgA, "viewer", "bob@a.example");
    await t.app.withInstance((tx) =>
      tx.rows(sql`UPDATE "user" SET name = 'Bob Stone' WHERE email = 'bob@a.example'`),
    );
  });
  const as = (who: Principal) => testCaller(t, who).comments;
  const anchor = () => ({
    ...{ kind: "cohort_cell" as const, dashboard_id: null, widget_id: null },
    path: { cohort: "2026-03", period: 4, basis: "first_payment" as const, measure: "customers" as const },
  });

  test("is what others wrote since one looked; the inbox counts threads that one wrote in or was named in", async () => {
    const { id } = await as(ada).create({ text: "A look at this, please", anchor: anchor() });
    expect((await as(bob).get({ id })).thread?.unread).toBe(1);
    expect(await as(bob).inboxCount()).toEqual({ unread: 0 });
    const named = await as(ada).create({ text: "@bob stone, you know more", parent_id: id });
    expect(named.mentions).toEqual([{ email: "bob@a.example", name: "Bob Stone" }]);
    expect(await as(bob).inboxCount()).toEqual({ unread: 1 });
    expect((await as(bob).list({ following: true, unread: true })).items.map((one) => one.id)).toEqual([id]);
    expect(await as(bob).marks({ dashboard_id: null })).toMatchObject({
      items: [{ id, comments: 2, unread: true }],
    });
    await as(bob).read({ id, no: 1 });
    expect(await as(bob).inboxCount()).toEqual({ unread: 1 });
    await as(bob).read({ id });
    expect(await as(bob).inboxCount()).toEqual({ unread: 0 });
    expect(await as(bob).marks({ dashboard_id: null })).toMatchObject({ items: [{ unread: false }] });
    // read is read: an older answer of a slow page takes nothing back
    await as(bob).read({ id, no: 1 });
    expect(await as(bob).inboxCount()).toEqual({ unread: 0 });
    expect(await as(ada).inboxCount()).toEqual({ unread: 0 });
    await as(ada).create({ text: "One more", parent_id: id });
    expect(await as(bob).inboxCount()).toEqual({ unread: 1 });
    const { items } = await as(bob).list({ thread_id: id });
    await as(ada).delete({ id: items.at(-1)?.id ?? "" });
    expect(await as(bob).inboxCount()).toEqual({ unread: 0 });
  });

  test("does not hold what was said before one came", async () => {
    const { id } = await as(ada).create({ text: "Long ago", anchor: anchor() });
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE comment SET created_at = '2020-01-01' WHERE org_id = ${tx.orgId}`),
    );
    expect((await as(bob).get({ id })).thread?.unread).toBe(0);
  });

  test("comes back when an edit names somebody who had read on", async () => {
    const { id } = await as(ada).create({ text: "Hello", anchor: anchor() });
    await as(bob).read({ id });
    await as(ada).update({ id, text: "Hello @bob@a.example" });
    expect(await as(bob).inboxCount()).toEqual({ unread: 1 });
    expect((await as(ada).update({ id, text: "Hello" })).mentions).toEqual([]);
  });

  test("an account that is deleted leaves its comments without a name", async () => {
    const gone = await testMember(t, t.orgA, "editor", "gone@a.example");
    const { id } = await as(gone).create({ text: "I was here", anchor: anchor() });
    await as(ada).create({ text: "Yes @gone@a.example", parent_id: id });
    await as(gone).update({ id, resolved: true });
    const maint = createDatabase({ url: t.url, role: "jarvis_maint" });
    await maint.withInstance((tx) => tx.rows(sql`DELETE FROM "user" WHERE id = ${gone.userId}`));
    await maint.close();
    const { items } = await as(bob).list({ thread_id: id });
    expect(items.map(({ text, author, mentions }) => ({ text, author, mentions }))).toEqual([
      { text: "I was here", author: null, mentions: [] },
      {
        text: "Yes @gone@a.example",
        author: expect.objectContaining({ email: "ada@a.example" }),
        mentions: [],
      },
    ]);
    expect(items[0]?.thread).toMatchObject({ resolved_at: expect.any(String), resolved_by: null });
  });
});
