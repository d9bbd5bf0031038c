import { z } from "zod";
import { instant } from "./accounts.ts";
import { pageInput, pageOf, text } from "./lists.ts";

/** The wire shapes of dashboards. What is on one is written through its document alone (`/collab/DOC_ID`). */

export const dashboardTitle = text(200);

export const dashboardItem = z.object({
  id: z.uuid(),
  title: z.string(),
  created_at: instant,
  archived_at: instant.nullable(),
});
export type DashboardItem = z.infer<typeof dashboardItem>;

export const listDashboardsInput = z.object({
  ...pageInput,
  /** `true`: the archived ones, which are left out otherwise. */
  archived: z.enum(["true", "false"]).default("false"),
});
export const dashboardsOutput = pageOf(dashboardItem);

const entries = z.record(z.string(), z.record(z.string(), z.unknown()));
export const dashboardOutput = z.object({
  id: z.uuid(),
  title: z.string(),
  doc_id: z.string(),
  widgets: entries,
  filters: entries,
});

export const createDashboardInput = z.strictObject({
  title: dashboardTitle,
  /** `overview`: what a new organisation starts with. Without a template a dashboard has no widgets. */
  template: z.enum(["overview"]).optional(),
});
export const renameDashboardInput = z.strictObject({ id: z.uuid(), title: dashboardTitle });
/** Without a title: the original's, with “(copy)”. */
export const duplicateDashboardInput = z.strictObject({ id: z.uuid(), title: dashboardTitle.optional() });
export const madeDashboard = z.object({ id: z.uuid(), doc_id: z.string() });

export const versionItem = z.object({
  id: z.uuid(),
  /** `daily`: how it was at the end of a day; `before_restore`: what a restored version took the place of. */
  kind: z.enum(["named", "daily", "before_restore"]),
  label: z.string(),
  /** Null: kept by itself, or by somebody whose account is gone. */
  by: z.string().nullable(),
  at: instant,
});
export type VersionItem = z.infer<typeof versionItem>;
export const listVersionsInput = z.object({ id: z.uuid(), ...pageInput });
export const versionsOutput = pageOf(versionItem);
export const createVersionInput = z.strictObject({ id: z.uuid(), label: text(200) });
export const versionInput = z.strictObject({ id: z.uuid(), version_id: z.uuid() });
export const versionOutput = z.object({
  id: z.uuid(),
  title: z.string(),
  widgets: entries,
  filters: entries,
});
