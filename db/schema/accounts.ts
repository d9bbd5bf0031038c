import { bigint, boolean, date, integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { app, bytea, created, instant, orgId } from "./columns.ts";

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
