import { z } from "zod";
import { periodStart } from "#metrics/period.ts";
import { email, instant } from "./accounts.ts";
import { cohortBases, cohortMeasures, metricNames, periodText } from "./analytics.ts";
import { anchorKinds } from "./comment-anchors.ts";
import { pageInput, pageOf, text } from "./lists.ts";

/** The wire shapes of comments. A thread is named by the comment that began it. */

export const mostMentions = 20;
const commentText = text(10_000).refine((value) => value.trim() !== "", "must not be empty");

const isPeriod = (value: string): boolean => {
  try {
    periodStart(value);
    return true;
  } catch {
    return false;
  }
};
const period = periodText.refine(isPeriod, "is not a period");

const cellPath = z.strictObject({
  cohort: period,
  period: z.number().int().min(0).max(1_000),
  basis: z.enum(cohortBases).default("first_payment"),
  measure: z.enum(cohortMeasures).default("customers"),
});
const pointPath = z.strictObject({ metric: z.enum(metricNames), period });
const nothing = z.strictObject({}).default({});
const widgetId = z.string().min(1).max(100);

/** What people read where the widget is gone or the number has changed since. */
const asItWas = {
  /** What the widget was called. */
  label: text(200).nullish(),
  /** The number as it stood there. */
  shown: text(100).nullish(),
};

/**
 * Exactly one data coordinate: `{kind: "cohort_cell", dashboard_id, widget_id, path: {cohort, period[, basis][, measure]}}`,
 * `{kind: "point", …, path: {metric, period}}`, `{kind: "widget", …}`, `{kind: "dashboard", dashboard_id}`.
 */
const anchorInput = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("cohort_cell"),
    dashboard_id: z.uuid().nullable().default(null),
    widget_id: widgetId.nullable().default(null),
    path: cellPath,
    ...asItWas,
  }),
  z.strictObject({
    kind: z.literal("point"),
    dashboard_id: z.uuid(),
    widget_id: widgetId,
    path: pointPath,
    ...asItWas,
  }),
  z.strictObject({
    kind: z.literal("widget"),
    dashboard_id: z.uuid(),
    widget_id: widgetId,
    path: nothing,
    ...asItWas,
  }),
  z.strictObject({
    kind: z.literal("dashboard"),
    dashboard_id: z.uuid(),
    widget_id: z.null().default(null),
    path: nothing,
    ...asItWas,
  }),
]);
export type AnchorInput = z.output<typeof anchorInput>;

const person = z.object({ email: z.string(), name: z.string() });

const threadState = z.object({
  anchor: z.object({
    kind: z.enum(anchorKinds),
    dashboard_id: z.uuid().nullable(),
    dashboard_title: z.string().nullable(),
    widget_id: z.string().nullable(),
    path: z.record(z.string(), z.union([z.string(), z.number()])),
    label: z.string().nullable(),
    shown: z.string().nullable(),
  }),
  resolved_at: instant.nullable(),
  resolved_by: person.nullable(),
  /** How many answers there are. */
  replies: z.number().int(),
  last_at: instant,
  /** What others wrote since one last looked. */
  unread: z.number().int(),
});

export const comment = z.object({
  id: z.uuid(),
  thread_id: z.uuid(),
  /** Null for the comment that began the thread. */
  parent_id: z.uuid().nullable(),
  /** 1, 2, 3, … within the thread. */
  no: z.number().int(),
  /** Empty where `deleted`. */
  text: z.string(),
  deleted: z.boolean(),
  /** Null where the account is gone. */
  author: person.nullable(),
  mentions: z.array(person),
  created_at: instant,
  edited_at: instant.nullable(),
  can_edit: z.boolean(),
  can_delete: z.boolean(),
  /** Of the comment that began the thread. */
  thread: threadState.nullable(),
});
export type Comment = z.output<typeof comment>;
export type ThreadState = z.output<typeof threadState>;
export const commentsOutput = pageOf(comment);

/**
 * Threads by their first comments, the last spoken in first; with `thread_id` the comments of one thread, oldest first.
 */
export const listCommentsInput = z.object({
  ...pageInput,
  thread_id: z.uuid().optional(),
  dashboard_id: z.uuid().optional(),
  widget_id: widgetId.optional(),
  kind: z.enum(anchorKinds).optional(),
  state: z.enum(["open", "resolved", "all"]).default("all"),
  /** Only threads that one wrote in or was named in: the inbox. */
  following: z.boolean().optional(),
  /** Only threads with something unread. */
  unread: z.boolean().optional(),
});

const mentions = z.array(email).max(mostMentions).optional();

/** A new thread has an `anchor`, an answer a `parent_id`. Who is named with `@address` or `@Name` is told. */
export const createCommentInput = z
  .strictObject({
    text: commentText,
    anchor: anchorInput.optional(),
    parent_id: z.uuid().optional(),
    mentions,
  })
  .refine((input) => (input.anchor === undefined) !== (input.parent_id === undefined), {
    message: "needs either an anchor or a parent_id",
    path: ["anchor"],
  });

export const updateCommentInput = z
  .strictObject({
    id: z.uuid(),
    text: commentText.optional(),
    mentions,
    /** Of the thread; any of its comments may be named. */
    resolved: z.boolean().optional(),
  })
  .refine((input) => input.text !== undefined || input.resolved !== undefined, {
    message: "give a text, or resolved",
    path: ["text"],
  });

/** `no`: up to which comment; all of them without it. */
export const readCommentsInput = z.strictObject({
  id: z.uuid(),
  no: z.number().int().min(0).optional(),
});

/** A page's own threads: those of a dashboard, or (null) those of the cohort page. */
export const commentMarksInput = z.strictObject({ dashboard_id: z.uuid().nullable() });
export const commentMarksOutput = z.object({
  items: z.array(
    z.object({
      id: z.uuid(),
      kind: z.enum(anchorKinds),
      widget_id: z.string().nullable(),
      path: z.record(z.string(), z.union([z.string(), z.number()])),
      comments: z.number().int(),
      unread: z.boolean(),
    }),
  ),
});
export type CommentMark = z.output<typeof commentMarksOutput>["items"][number];

export const inboxCountOutput = z.object({ unread: z.number().int() });
