import { bigint, boolean, date, integer, json, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { DashboardProjection } from "#collab/dashboard-projection.ts";
import type { AnchorKind } from "#contracts/comment-anchors.ts";
import type { Expression } from "#metrics/segments.ts";
import { app, created, instant, orgId } from "./columns.ts";

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
