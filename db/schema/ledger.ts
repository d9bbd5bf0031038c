import {
  bigint,
  date,
  doublePrecision,
  integer,
  jsonb,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { amount, app, instant, orgId } from "./columns.ts";

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
