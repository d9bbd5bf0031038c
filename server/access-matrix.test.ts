import { TRPCError } from "@trpc/server";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Action, can, type Role, roles } from "#contracts/permissions.ts";
import { createDatabase } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createAnnotation } from "#db/queries/annotations.ts";
import { createThread } from "#db/queries/comments.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { createExclusion } from "#db/queries/exclusions.ts";
import { createFxRate } from "#db/queries/fx-rates.ts";
import { createInvitation } from "#db/queries/invitations.ts";
import { createSegment } from "#db/queries/segments.ts";
import { createSource } from "#db/queries/sources.ts";
import { createSpend } from "#db/queries/spend.ts";
import { createApiToken } from "#db/queries/tokens.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { hashSecret, newOrgSecret, newSecret } from "./auth/secrets.ts";
import { proceduresOf } from "./rest-routes.ts";
import { appRouter, createCaller } from "./router.ts";
import { testContext, testMember } from "./testing.ts";
import type { Principal } from "./trpc.ts";

/** Things that belong to organisation B, which the callers from A try to reach. */
interface Foreign {
  id: string;
  member: string;
  dashboard: string;
  comment: string;
  segment: string;
  annotation: string;
  exclusion: string;
  rate: string;
  spend: string;
  invitation: string;
  token: string;
  session: string;
  upload: string;
  source: string;
}

/** Who may call: anybody, whoever is signed in, a person at a browser, or the roles of an action. */
type Access = "public" | "user" | "person" | Action;

interface Row {
  access: Access;
  input?: (b: Foreign) => Record<string, unknown>;
  /** What somebody who may call gets with B's ids; by default `ok`, with nothing of B in the answer. */
  answer?: TRPCError["code"] | "ok";
}

const nowhere = { token: newSecret() };
const anyPlan = { key: "plan", op: "is_not", values: ["none"] };
/** Another day each time: of one day there is one rate. */
let days = 0;
const anotherDay = () => new Date(Date.UTC(2020, 0, ++days)).toISOString().slice(0, 10);
const strong = "seven unlikely garden chairs";

/** Every procedure. One that is missing here fails the first test. */
const matrix: Record<string, Row> = {
  "account.me": { access: "public" },
  "account.signUp": {
    access: "public",
    input: (b) => ({ email: b.member, password: strong }),
    answer: "CONFLICT",
  },
  "account.signIn": {
    access: "public",
    input: (b) => ({ email: b.member, password: "x" }),
    answer: "UNAUTHORIZED",
  },
  "account.signOut": { access: "public" },
  "account.verifyEmail": { access: "public", input: () => nowhere, answer: "NOT_FOUND" },
  "account.resendVerification": { access: "person" },
  "account.requestReset": { access: "public", input: () => ({ email: "nobody@example.com" }) },
  "account.reset": { access: "public", input: () => ({ ...nowhere, password: strong }), answer: "NOT_FOUND" },
  "account.changePassword": {
    access: "person",
    input: () => ({ current: "wrong", password: strong }),
    answer: "FORBIDDEN",
  },
  "account.deletion": { access: "person" },
  "account.delete": { access: "person", input: () => ({ password: "wrong" }), answer: "FORBIDDEN" },
  "account.updateProfile": { access: "person", input: () => ({ name: "Ada" }) },
  "analytics.metrics": { access: "data.read", input: () => ({ names: "mrr" }) },
  "analytics.movements": { access: "data.read", input: () => ({}) },
  "analytics.cohorts": { access: "data.read", input: () => ({}) },
  "analytics.composition": { access: "data.read", input: () => ({}) },
  "analytics.customers": { access: "data.read", input: () => ({}) },
  "analytics.customer": { access: "data.read", input: () => ({ id: "customer of B" }), answer: "NOT_FOUND" },
  "analytics.filterOptions": { access: "data.read" },
  "analytics.span": { access: "data.read" },
  "annotations.list": { access: "data.read", input: () => ({}) },
  "annotations.get": { access: "data.read", input: (b) => ({ id: b.annotation }), answer: "NOT_FOUND" },
  "annotations.create": { access: "annotations.edit", input: () => ({ day: "2026-01-01", title: "T" }) },
  "annotations.update": {
    access: "annotations.edit",
    input: (b) => ({ id: b.annotation, title: "T" }),
    answer: "NOT_FOUND",
  },
  "annotations.delete": {
    access: "annotations.edit",
    input: (b) => ({ id: b.annotation }),
    answer: "NOT_FOUND",
  },
  "audit.list": { access: "audit.read", input: () => ({}) },
  "comments.list": { access: "data.read", input: () => ({}) },
  "comments.get": { access: "data.read", input: (b) => ({ id: b.comment }), answer: "NOT_FOUND" },
  "comments.create": {
    access: "comment.write",
    input: (b) => ({ text: "T", parent_id: b.comment }),
    answer: "NOT_FOUND",
  },
  "comments.update": {
    access: "comment.write",
    input: (b) => ({ id: b.comment, text: "T" }),
    answer: "NOT_FOUND",
  },
  "comments.delete": { access: "comment.write", input: (b) => ({ id: b.comment }), answer: "NOT_FOUND" },
  "comments.read": { access: "data.read", input: (b) => ({ id: b.comment }), answer: "NOT_FOUND" },
  "comments.marks": { access: "data.read", input: (b) => ({ dashboard_id: b.dashboard }) },
  "comments.inboxCount": { access: "data.read" },
  "customers.merge": {
    access: "customers.merge",
    input: () => ({ id: "customer of B", into: "customer of B" }),
    answer: "NOT_FOUND",
  },
  "customers.split": {
    access: "customers.merge",
    input: () => ({ id: "customer of B" }),
    answer: "NOT_FOUND",
  },
  "dashboards.list": { access: "data.read", input: () => ({}) },
  "dashboards.get": { access: "data.read", input: (b) => ({ id: b.dashboard }), answer: "NOT_FOUND" },
  "dashboardVersions.list": {
    access: "data.read",
    input: (b) => ({ id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "dashboardVersions.get": {
    access: "data.read",
    input: (b) => ({ id: b.dashboard, version_id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "dashboardVersions.create": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard, label: "V" }),
    answer: "NOT_FOUND",
  },
  "dashboardVersions.restore": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard, version_id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "dashboards.document": { access: "data.read", input: (b) => ({ id: b.dashboard }), answer: "NOT_FOUND" },
  "dashboards.create": { access: "dashboard.edit", input: () => ({ title: "T" }) },
  "dashboards.rename": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard, title: "T" }),
    answer: "NOT_FOUND",
  },
  "dashboards.duplicate": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "dashboards.archive": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "dashboards.restore": {
    access: "dashboard.edit",
    input: (b) => ({ id: b.dashboard }),
    answer: "NOT_FOUND",
  },
  "demo.status": { access: "public" },
  "demo.enter": { access: "public" },
  "demo.load": { access: "person" },
  "demo.progress": { access: "data.read" },
  "exclusions.list": { access: "data.read", input: () => ({}) },
  "exclusions.create": {
    access: "data.exclude",
    input: () => ({ kind: "customer", id: "customer of B", reason: "test" }),
    answer: "NOT_FOUND",
  },
  "exclusions.delete": { access: "data.exclude", input: (b) => ({ id: b.exclusion }), answer: "NOT_FOUND" },
  "finance.list": { access: "data.read", input: () => ({}) },
  "finance.put": { access: "finance.edit", input: () => ({ month: "2026-01", revenue: "1" }) },
  "finance.delete": { access: "finance.edit", input: () => ({ month: "2019-01" }), answer: "NOT_FOUND" },
  "explain.number": { access: "data.read", input: () => ({ metric: "mrr", period: "2026-01" }) },
  "explain.line": { access: "data.read", input: (b) => ({ id: b.upload, line: 2 }), answer: "NOT_FOUND" },
  "invitations.list": { access: "members.manage", input: () => ({}) },
  "invitations.create": {
    access: "members.manage",
    input: () => ({ email: "new@example.com", role: "viewer" }),
  },
  "invitations.revoke": {
    access: "members.manage",
    input: (b) => ({ id: b.invitation }),
    answer: "NOT_FOUND",
  },
  "invitations.preview": { access: "public", input: () => nowhere, answer: "NOT_FOUND" },
  "invitations.accept": { access: "person", input: () => nowhere, answer: "NOT_FOUND" },
  "members.list": { access: "members.read", input: () => ({}) },
  "members.setRole": {
    access: "members.manage",
    input: (b) => ({ email: b.member, role: "viewer" }),
    answer: "NOT_FOUND",
  },
  "members.remove": { access: "members.read", input: (b) => ({ email: b.member }), answer: "NOT_FOUND" },
  "org.get": { access: "org.read", input: () => ({}) },
  "org.update": { access: "org.update", input: () => ({ name: "Org A" }) },
  "org.policy": { access: "org.read", input: () => ({}) },
  "org.create": { access: "person", input: () => ({ name: "Mine" }) },
  "org.switch": { access: "person", input: (b) => ({ id: b.id }), answer: "NOT_FOUND" },
  "org.delete": { access: "org.delete", input: () => ({ name: "Org B" }), answer: "UNPROCESSABLE_CONTENT" },
  "outbox.list": { access: "user", input: () => ({}) },
  "policy.diff": { access: "data.read", input: () => ({ a: "jarvis", b: "stripe" }) },
  "policy.versions": { access: "org.read", input: () => ({}) },
  "reference.spend": { access: "data.read", input: () => ({}) },
  "reference.createSpend": { access: "finance.edit", input: () => ({ month: "2026-01", amount: "1" }) },
  "reference.updateSpend": {
    access: "finance.edit",
    input: (b) => ({ id: b.spend, amount: "1" }),
    answer: "NOT_FOUND",
  },
  "reference.deleteSpend": { access: "finance.edit", input: (b) => ({ id: b.spend }), answer: "NOT_FOUND" },
  "reference.fxRates": { access: "data.read", input: () => ({}) },
  "reference.createFxRate": {
    access: "finance.edit",
    input: () => ({ date: anotherDay(), from: "EUR", to: "USD", rate: "1.1" }),
  },
  "reference.updateFxRate": {
    access: "finance.edit",
    input: (b) => ({ id: b.rate, rate: "1" }),
    answer: "NOT_FOUND",
  },
  "reference.deleteFxRate": { access: "finance.edit", input: (b) => ({ id: b.rate }), answer: "NOT_FOUND" },
  "restatements.list": { access: "data.read", input: (b) => ({ upload_id: b.upload }) },
  "restatements.events": { access: "data.read", input: (b) => ({ upload_id: b.upload }) },
  "restatements.months": { access: "data.read", input: () => ({}) },
  "segments.list": { access: "data.read", input: () => ({}) },
  "segments.get": { access: "data.read", input: (b) => ({ id: b.segment }), answer: "NOT_FOUND" },
  "segments.preview": { access: "data.read", input: () => ({ expression: anyPlan }) },
  "segments.create": {
    access: "segments.edit",
    input: () => ({ name: `S ${newId()}`, expression: anyPlan }),
  },
  "segments.update": {
    access: "segments.edit",
    input: (b) => ({ id: b.segment, color: "teal" }),
    answer: "NOT_FOUND",
  },
  "segments.delete": { access: "segments.edit", input: (b) => ({ id: b.segment }), answer: "NOT_FOUND" },
  "sessions.list": { access: "person" },
  "sessions.revoke": { access: "person", input: (b) => ({ id: b.session }), answer: "NOT_FOUND" },
  "sessions.revokeOthers": { access: "person" },
  "sessions.create": {
    access: "public",
    input: (b) => ({ token: newOrgSecret("jv", b.id) }),
    answer: "UNAUTHORIZED",
  },
  "tokens.list": { access: "tokens.manage", input: () => ({}) },
  "tokens.create": { access: "tokens.manage", input: () => ({ name: "T", role: "viewer" }) },
  "sources.list": { access: "data.read", input: () => ({}) },
  "sources.get": { access: "data.read", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sources.streams": { access: "data.read", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sources.options": { access: "data.read" },
  "sources.probe": {
    access: "sources.manage",
    input: () => ({ kind: "stripe", credentials: { api_key: "pk_test_no_key" } }),
    answer: "UNPROCESSABLE_CONTENT",
  },
  "sources.create": {
    access: "sources.manage",
    input: () => ({ kind: "stripe", name: "S", credentials: { api_key: "pk_test_no_key" } }),
    answer: "UNPROCESSABLE_CONTENT",
  },
  "sources.update": {
    access: "sources.manage",
    input: (b) => ({ id: b.source, name: "S" }),
    answer: "NOT_FOUND",
  },
  "sources.sync": { access: "sources.manage", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sources.pause": { access: "sources.manage", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sources.resume": { access: "sources.manage", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sources.setWebhookSecrets": {
    access: "sources.manage",
    input: (b) => ({ id: b.source, secrets: ["whsec_x"] }),
    answer: "NOT_FOUND",
  },
  "sources.delete": {
    access: "sources.manage",
    input: (b) => ({ id: b.source, data: "remove" }),
    answer: "NOT_FOUND",
  },
  "sources.authorise": {
    access: "sources.manage",
    input: () => ({ kind: "stripe", name: "S" }),
    answer: "UNPROCESSABLE_CONTENT",
  },
  "sourceObjects.get": {
    access: "data.read",
    input: (b) => ({ id: b.source, type: "subscription", object_id: "sub_1" }),
    answer: "NOT_FOUND",
  },
  "sourceObjects.allBesideFiles": { access: "data.read" },
  "sourceObjects.besideFiles": { access: "data.read", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sourceReconcile.get": { access: "data.read", input: (b) => ({ id: b.source }), answer: "NOT_FOUND" },
  "sourceReconcile.put": {
    access: "sources.manage",
    input: (b) => ({ id: b.source, name: "r.csv", csv: "Customer ID,2026-01\nc,1\n" }),
    answer: "NOT_FOUND",
  },
  "sourceReconcile.delete": {
    access: "sources.manage",
    input: (b) => ({ id: b.source }),
    answer: "NOT_FOUND",
  },
  "uploads.list": { access: "data.read", input: () => ({}) },
  "uploads.get": { access: "data.read", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "uploads.preview": { access: "data.read", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "uploads.errors": { access: "data.read", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "uploads.import": { access: "data.import", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "uploads.cancel": { access: "data.import", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "uploads.undo": { access: "data.import", input: (b) => ({ id: b.upload }), answer: "NOT_FOUND" },
  "tokens.delete": { access: "tokens.manage", input: (b) => ({ id: b.token }), answer: "NOT_FOUND" },
};

let t: TestDatabase;
let b: Foreign;
beforeAll(async () => {
  t = await createTestDatabase();
  const owner = await testMember(t, t.orgB, "owner", "owner@b.example");
  await t.app.withOrg(t.orgB, (tx) =>
    tx.rows(
      sql`INSERT INTO customer (org_id, external_id, country) VALUES (${tx.orgId}, 'customer of B', 'country of B')`,
    ),
  );
  const made = await t.app.withOrg(t.orgB, async (tx) => ({
    exclusion: (
      await createExclusion(tx, { kind: "customer", target: "customer of B", reason: "of B", actorId: null })
    ).id,
    spend: (await createSpend(tx, { month: "2026-01", amount: "77", category: "spend of B" })).id,
    rate: (
      await createFxRate(tx, {
        input: { date: "2026-01-01", from: "EUR", to: "USD", rate: "7" },
        actorId: null,
      })
    ).id,
    dashboard: (await createDashboard(tx, { title: "secret of B", widgets: {}, filters: {} })).id,
    comment: (
      await createThread(tx, {
        anchor: {
          ...{ kind: "cohort_cell", dashboard_id: null, widget_id: null },
          path: { cohort: "2026-01", period: 1, basis: "first_payment", measure: "customers" },
        },
        authorId: owner.userId,
        body: "comment of B",
      })
    ).id,
    segment: (
      await createSegment(tx, {
        name: "segment of B",
        color: null,
        expression: { key: "plan", op: "is", values: ["plan of B"] },
      })
    ).id,
    annotation: (
      await createAnnotation(tx, {
        day: "2026-01-01",
        title: "note of B",
        body: null,
        createdBy: "owner@b.example",
      })
    ).id,
    invitation: (
      await createInvitation(tx, {
        email: "invited@b.example",
        role: "viewer",
        tokenHash: hashSecret("x"),
        invitedBy: owner.userId,
      })
    ).id,
    token: (
      await createApiToken(tx, {
        name: "token of B",
        role: "owner",
        tokenHash: hashSecret("y"),
        lastFour: "yyyy",
        userId: owner.userId,
      })
    ).id,
  }));
  const upload = newId();
  await t.app.withOrg(t.orgB, (tx) =>
    tx.rows(
      sql`INSERT INTO upload (org_id, id, file_name, status) VALUES (${tx.orgId}, ${upload}, 'file of B.csv', 'done')`,
    ),
  );
  const source = newId();
  await t.app.withOrg(t.orgB, (tx) =>
    createSource(tx, {
      ...{ id: source, kind: "stripe", name: "source of B", credentials: "sealed of B", options: {} },
      ...{ keyHint: null, createdBy: null, account: { id: "acct of B", name: null, livemode: false } },
    }),
  );
  b = { ...made, upload, source, id: t.orgB, member: "owner@b.example", session: owner.sessionId ?? "" };
});
afterAll(() => t.close());

type Call = (input: unknown) => Promise<unknown>;

async function outcome(principal: Principal | null, name: string, input: unknown) {
  const caller = createCaller(testContext(t, principal));
  const [group = "", procedure = ""] = name.split(".");
  const call = (caller as unknown as Record<string, Record<string, Call>>)[group]?.[procedure];
  if (!call) throw new Error(`no procedure ${name}`);
  try {
    return { code: "ok", answer: await call(input) };
  } catch (error) {
    if (error instanceof TRPCError) return { code: error.code, answer: error.message };
    throw error;
  }
}

const inputOf = (row: Row) => row.input?.(b);

/** Somebody of A with a fresh session: some rows end it. */
const memberOfA = (role: Role) => testMember(t, t.orgA, role, `${role}@a.example`);

describe("who may call what", () => {
  test("every procedure has a row, and every row a procedure", () => {
    expect(Object.keys(matrix).sort()).toEqual(Object.keys(proceduresOf(appRouter)).sort());
  });

  for (const [name, row] of Object.entries(matrix)) {
    test(`${name}: nobody`, async () => {
      const { code } = await outcome(null, name, inputOf(row));
      if (row.access !== "public") expect(code).toBe("UNAUTHORIZED");
      else expect(code).toBe(row.answer ?? "ok");
    });

    const { access } = row;
    if (access === "public") continue;

    test(`${name}: somebody who was removed from the organisation`, async () => {
      const { code } = await outcome({ ...(await memberOfA("owner")), org: null }, name, inputOf(row));
      if (access === "user" || access === "person") expect(code).toBe(row.answer ?? "ok");
      else expect(code).toBe("FORBIDDEN");
    });

    for (const role of roles) {
      test(`${name}: ${role} of A with ids of B`, async () => {
        const { code, answer } = await outcome(await memberOfA(role), name, inputOf(row));
        const allowed = access === "user" || access === "person" || can(role, access);
        expect(code).toBe(allowed ? (row.answer ?? "ok") : "FORBIDDEN");
        if (code === "ok") expect(JSON.stringify(answer ?? null)).not.toMatch(/b\.example|of B/);
      });
    }

    if (access === "person")
      test(`${name}: an API token may not`, async () => {
        const token = {
          ...(await memberOfA("owner")),
          via: "token" as const,
          sessionId: null,
          apiTokenId: t.orgA,
        };
        expect((await outcome(token, name, inputOf(row))).code).toBe("FORBIDDEN");
      });
  }
});

describe("input that changes something", () => {
  const procedures = proceduresOf(appRouter);
  for (const [name, row] of Object.entries(matrix)) {
    if (procedures[name]?._def.type !== "mutation" || !row.input) continue;
    test(`${name}: refuses keys that it does not know`, async () => {
      const owner = await memberOfA("owner");
      for (const key of ["org_id", "orgId", "user_id", "is_demo", "plan", "constructor"]) {
        const { code } = await outcome(owner, name, { ...inputOf(row), [key]: t.orgB });
        expect(`${key} ${code}`).toBe(`${key} BAD_REQUEST`);
      }
    });
  }
});

describe("after all of that", () => {
  test("nothing of B has changed", async () => {
    const maint = createDatabase({ url: t.url, role: "jarvis_maint" });
    const rows = await maint.withInstance((tx) =>
      tx.rows(sql`
        SELECT (SELECT count(*) FROM dashboard WHERE org_id = ${t.orgB}) AS dashboards,
          (SELECT string_agg(title, ',') FROM dashboard WHERE org_id = ${t.orgB}) AS titles,
          (SELECT string_agg(name || coalesce(color, ''), ',') FROM segment WHERE org_id = ${t.orgB}) AS segments,
          (SELECT string_agg(body, ',') FROM comment WHERE org_id = ${t.orgB}) AS comments,
          (SELECT string_agg(title, ',') FROM annotation WHERE org_id = ${t.orgB}) AS annotations,
          (SELECT string_agg(kind || target || reason, ',') FROM exclusion WHERE org_id = ${t.orgB}) AS exclusions,
          (SELECT string_agg(amount::float8::text, ',') FROM spend WHERE org_id = ${t.orgB}) AS spend,
          (SELECT string_agg(rate::float8::text, ',') FROM fx_rate WHERE org_id = ${t.orgB}) AS rates,
          (SELECT count(*) FROM customer_merge WHERE org_id = ${t.orgB}) AS merges,
          (SELECT string_agg(role, ',') FROM membership WHERE org_id = ${t.orgB}) AS roles,
          (SELECT count(*) FROM invitation WHERE org_id = ${t.orgB}) AS invitations,
          (SELECT count(*) FROM api_token WHERE org_id = ${t.orgB}) AS tokens,
          (SELECT count(*) FROM session WHERE org_id = ${t.orgB}) AS sessions,
          (SELECT string_agg(status, ',') FROM upload WHERE org_id = ${t.orgB}) AS uploads,
          (SELECT name FROM organisation WHERE id = ${t.orgB}) AS name`),
    );
    await maint.close();
    expect(rows).toEqual([
      {
        dashboards: "1",
        titles: "secret of B",
        segments: "segment of B",
        comments: "comment of B",
        annotations: "note of B",
        exclusions: "customercustomer of Bof B",
        spend: "77",
        rates: "7",
        merges: "0",
        roles: "owner",
        invitations: "1",
        tokens: "1",
        sessions: "1",
        uploads: "done",
        name: "Org B",
      },
    ]);
  });
});
