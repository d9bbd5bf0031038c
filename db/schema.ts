import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  json,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { DashboardProjection } from "#collab/dashboard-projection.ts";
import type { AnchorKind } from "#contracts/comment-anchors.ts";
import type { SourceKind, SourceStatus, streamStates } from "#contracts/sources.ts";
import type { Expression } from "#metrics/segments.ts";

/**
 * The tables as TypeScript sees them; `db/migrations` is what makes them (keys, checks and row-level security stand
 * there). Days are `YYYY-MM-DD` text, amounts decimal strings, instants Dates.
 */
const app = pgSchema("app");
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const instant = (name: string) => timestamp(name, { withTimezone: true });
const amount = (name: string) => numeric(name, { precision: 38, scale: 12 });
const created = () => instant("created_at").notNull().defaultNow();

export const organisation = app.table("organisation", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  currency: text("currency").notNull().default("USD"),
  timezone: text("timezone").notNull().default("UTC"),
  factsTimezone: text("facts_timezone"),
  policy: jsonb("policy").$type<Record<string, unknown>>().notNull().default({}),
  policyVersion: integer("policy_version").notNull().default(1),
  fiscalYearStart: smallint("fiscal_year_start").notNull().default(1),
  weekStart: smallint("week_start").notNull().default(1),
  metricsVersion: bigint("metrics_version", { mode: "number" }).notNull().default(0),
  coveredUntil: date("covered_until"),
  isDemo: boolean("is_demo").notNull().default(false),
  createdAt: created(),
});

export const user = app.table("user", {
  id: uuid("id").primaryKey(),
  email: text("email").notNull(),
  name: text("name").notNull().default(""),
  passwordHash: text("password_hash"),
  emailVerifiedAt: instant("email_verified_at"),
  verifyTokenHash: bytea("verify_token_hash"),
  verifyExpiresAt: instant("verify_expires_at"),
  resetTokenHash: bytea("reset_token_hash"),
  resetExpiresAt: instant("reset_expires_at"),
  createdAt: created(),
});

export const session = app.table("session", {
  tokenHash: bytea("token_hash").primaryKey(),
  id: uuid("id").notNull(),
  userId: uuid("user_id").notNull(),
  orgId: uuid("org_id"),
  apiTokenId: uuid("api_token_id"),
  userAgent: text("user_agent").notNull().default(""),
  ip: text("ip").notNull().default(""),
  createdAt: created(),
  lastSeenAt: instant("last_seen_at").notNull().defaultNow(),
  expiresAt: instant("expires_at").notNull(),
});

const orgId = () => uuid("org_id").notNull();

export const membership = app.table(
  "membership",
  { orgId: orgId(), userId: uuid("user_id").notNull(), role: text("role").notNull(), createdAt: created() },
  (t) => [primaryKey({ columns: [t.orgId, t.userId] })],
);

export const invitation = app.table(
  "invitation",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    email: text("email").notNull(),
    role: text("role").notNull(),
    tokenHash: bytea("token_hash").notNull(),
    invitedBy: uuid("invited_by").notNull(),
    createdAt: created(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const apiToken = app.table(
  "api_token",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    role: text("role").notNull(),
    tokenHash: bytea("token_hash").notNull(),
    lastFour: text("last_four").notNull(),
    userId: uuid("user_id").notNull(),
    createdAt: created(),
    lastUsedAt: instant("last_used_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const auditLog = app.table(
  "audit_log",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    at: instant("at").notNull().defaultNow(),
    actorId: uuid("actor_id"),
    actor: text("actor").notNull(),
    action: text("action").notNull(),
    target: text("target").notNull().default(""),
    details: jsonb("details").$type<Record<string, unknown>>().notNull().default({}),
    ip: text("ip").notNull().default(""),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const mail = app.table(
  "mail",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    userId: uuid("user_id"),
    recipient: text("recipient").notNull(),
    subject: text("subject").notNull(),
    html: text("html").notNull(),
    body: text("body").notNull(),
    status: text("status").notNull().default("queued"),
    error: text("error"),
    createdAt: created(),
    sentAt: instant("sent_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const dashboard = app.table(
  "dashboard",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    title: text("title").notNull(),
    widgets: json("widgets").$type<DashboardProjection["widgets"]>().notNull().default({}),
    filters: json("filters").$type<DashboardProjection["filters"]>().notNull().default({}),
    createdAt: created(),
    projectedEpoch: bigint("projected_epoch", { mode: "bigint" }),
    projectedSeq: bigint("projected_seq", { mode: "number" }).notNull().default(-1),
    archivedAt: instant("archived_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const segment = app.table(
  "segment",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    color: text("color"),
    expression: jsonb("expression").$type<Expression>().notNull(),
    createdAt: created(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const annotation = app.table(
  "annotation",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    day: date("day").notNull(),
    title: text("title").notNull(),
    body: text("body"),
    createdBy: text("created_by").notNull(),
    createdAt: created(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const commentThread = app.table(
  "comment_thread",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    dashboardId: uuid("dashboard_id"),
    widgetId: text("widget_id"),
    kind: text("kind").$type<AnchorKind>().notNull(),
    path: jsonb("path").$type<Record<string, string | number>>().notNull().default({}),
    label: text("label"),
    shown: text("shown"),
    lastNo: integer("last_no").notNull().default(1),
    lastAt: instant("last_at").notNull().defaultNow(),
    resolvedAt: instant("resolved_at"),
    resolvedBy: uuid("resolved_by"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const comment = app.table(
  "comment",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    threadId: uuid("thread_id").notNull(),
    no: integer("no").notNull(),
    authorId: uuid("author_id"),
    body: text("body").notNull(),
    createdAt: created(),
    editedAt: instant("edited_at"),
    deletedAt: instant("deleted_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const commentMention = app.table(
  "comment_mention",
  {
    orgId: orgId(),
    commentId: uuid("comment_id").notNull(),
    userId: uuid("user_id").notNull(),
    mailedAt: instant("mailed_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.commentId, t.userId] })],
);

export const commentReader = app.table(
  "comment_reader",
  {
    orgId: orgId(),
    threadId: uuid("thread_id").notNull(),
    userId: uuid("user_id").notNull(),
    readNo: integer("read_no").notNull().default(0),
    follows: boolean("follows").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.threadId, t.userId] })],
);

export const upload = app.table(
  "upload",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull(),
    fileName: text("file_name").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
    sha256: bytea("sha256"),
    validUtf8: boolean("valid_utf8").notNull().default(true),
    kind: text("kind"),
    status: text("status").notNull(),
    dryRun: boolean("dry_run").notNull().default(false),
    requested: jsonb("requested").$type<Record<string, unknown>>().notNull().default({}),
    mapping: jsonb("mapping").$type<Record<string, string | null>>(),
    options: jsonb("options").$type<Record<string, unknown>>().notNull().default({}),
    dialect: jsonb("dialect").$type<Record<string, unknown>>(),
    columns: jsonb("columns").$type<unknown[]>(),
    header: jsonb("header").$type<string[]>(),
    preview: jsonb("preview").$type<string[][]>(),
    questions: jsonb("questions").$type<unknown[]>(),
    fingerprint: bytea("fingerprint"),
    rowsRead: bigint("rows_read", { mode: "number" }).notNull().default(0),
    rowsImported: bigint("rows_imported", { mode: "number" }).notNull().default(0),
    rowsRejected: bigint("rows_rejected", { mode: "number" }).notNull().default(0),
    rowsTotal: bigint("rows_total", { mode: "number" }),
    phase: text("phase"),
    error: jsonb("error").$type<{ code: string; message: string; line?: number | null }>(),
    coversFrom: date("covers_from"),
    coversTo: date("covers_to"),
    cancelRequested: boolean("cancel_requested").notNull().default(false),
    createdBy: uuid("created_by"),
    createdAt: created(),
    finishedAt: instant("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const uploadError = app.table(
  "upload_error",
  {
    orgId: orgId(),
    uploadId: uuid("upload_id").notNull(),
    no: integer("no").notNull(),
    line: integer("line").notNull(),
    column: text("column"),
    code: text("code").notNull(),
    message: text("message").notNull(),
    value: text("value"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.uploadId, t.no] })],
);

export const customer = app.table(
  "customer",
  {
    orgId: orgId(),
    id: bigint("id", { mode: "number" }).notNull(),
    externalId: text("external_id").notNull(),
    name: text("name"),
    email: text("email"),
    country: text("country"),
    signupDay: date("signup_day"),
    attributes: jsonb("attributes").$type<Record<string, string>>().notNull().default({}),
    churnProvided: doublePrecision("churn_provided"),
    excludedReason: text("excluded_reason"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const subscriptionVersion = app.table(
  "subscription_version",
  {
    orgId: orgId(),
    id: bigint("id", { mode: "number" }).notNull(),
    customerId: bigint("customer_id", { mode: "number" }).notNull(),
    subKey: text("sub_key").notNull(),
    subscriptionId: text("subscription_id"),
    plan: text("plan"),
    currency: text("currency").notNull(),
    interval: text("interval").notNull(),
    quantity: amount("quantity").notNull(),
    unitAmount: amount("unit_amount").notNull(),
    annualList: amount("annual_list").notNull(),
    annual: amount("annual").notNull(),
    status: text("status").notNull().default("active"),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
    trialEnd: instant("trial_end"),
    naive: smallint("naive").notNull().default(7),
    fromDay: date("from_day").notNull(),
    toDay: date("to_day"),
    source: text("source").notNull().default("upload"),
    uploadId: uuid("upload_id"),
    line: integer("line"),
    supersededBy: uuid("superseded_by"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.customerId, t.id] })],
);

export const movement = app.table(
  "movement",
  {
    orgId: orgId(),
    customerId: bigint("customer_id", { mode: "number" }).notNull(),
    day: date("day").notNull(),
    untilDay: date("until_day"),
    kind: text("kind").notNull(),
    annual: amount("annual").notNull(),
    beforeAnnual: amount("before_annual").notNull(),
    cohortDay: date("cohort_day").notNull(),
    initialAnnual: amount("initial_annual").notNull(),
    cause: text("cause"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.customerId, t.day, t.kind] })],
);

export const restatement = app.table(
  "restatement",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    at: instant("at").notNull().defaultNow(),
    cause: text("cause").notNull(),
    uploadId: uuid("upload_id"),
    actorId: uuid("actor_id"),
    month: date("month").notNull(),
    beforeAnnual: amount("before_annual").notNull(),
    afterAnnual: amount("after_annual").notNull(),
    rows: bigint("rows", { mode: "number" }),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id, t.month] })],
);

export const dataKey = app.table("data_key", {
  orgId: orgId().primaryKey(),
  id: text("id").notNull(),
  kid: text("kid").notNull(),
  wrapped: text("wrapped").notNull(),
  createdAt: created(),
});

export const source = app.table(
  "source",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    kind: text("kind").$type<SourceKind>().notNull(),
    name: text("name").notNull(),
    status: text("status").$type<SourceStatus>().notNull().default("connecting"),
    credentials: text("credentials").notNull(),
    webhookSecrets: text("webhook_secrets"),
    webhookSecretCount: integer("webhook_secret_count").notNull().default(0),
    keyHint: text("key_hint"),
    options: jsonb("options").$type<{ stripe_account?: string }>().notNull().default({}),
    accountId: text("account_id"),
    accountName: text("account_name"),
    livemode: boolean("livemode"),
    frozenAt: bigint("frozen_at", { mode: "number" }),
    changesCursor: text("changes_cursor"),
    lastEventAt: instant("last_event_at"),
    syncedAt: instant("synced_at"),
    nextSyncAt: instant("next_sync_at"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    errorAt: instant("error_at"),
    run: integer("run").notNull().default(1),
    disconnected: text("disconnected").$type<"keep" | "remove">(),
    createdBy: uuid("created_by"),
    createdAt: created(),
    oracleName: text("oracle_name"),
    oracleAt: instant("oracle_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);

export const sourceStream = app.table(
  "source_stream",
  {
    orgId: orgId(),
    sourceId: uuid("source_id").notNull(),
    name: text("name").notNull(),
    state: text("state").$type<(typeof streamStates)[number]>().notNull().default("waiting"),
    message: text("message"),
    cursor: text("cursor"),
    done: bigint("done", { mode: "number" }).notNull().default(0),
    finishedAt: instant("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.sourceId, t.name] })],
);

export const sourceAuthorisation = app.table(
  "source_authorisation",
  {
    orgId: orgId(),
    id: uuid("id").notNull(),
    kind: text("kind").$type<SourceKind>().notNull(),
    name: text("name").notNull(),
    stateHash: bytea("state_hash").notNull(),
    verifier: text("verifier").notNull(),
    sessionId: uuid("session_id").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.orgId, t.id] })],
);
