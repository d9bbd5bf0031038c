import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { SourceKind, SourceStatus, streamStates } from "#contracts/sources.ts";
import { app, bytea, created, instant, orgId } from "./columns.ts";

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
