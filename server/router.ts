import { accountRouter } from "./routers/account.ts";
import { analyticsRouter } from "./routers/analytics.ts";
import { annotationsRouter } from "./routers/annotations.ts";
import { auditRouter } from "./routers/audit.ts";
import { commentsRouter } from "./routers/comments.ts";
import { customersRouter } from "./routers/customers.ts";
import { dashboardVersionsRouter } from "./routers/dashboard-versions.ts";
import { dashboardsRouter } from "./routers/dashboards.ts";
import { demoRouter } from "./routers/demo.ts";
import { exclusionsRouter } from "./routers/exclusions.ts";
import { explainRouter } from "./routers/explain.ts";
import { financeRouter } from "./routers/finance.ts";
import { invitationsRouter } from "./routers/invitations.ts";
import { membersRouter } from "./routers/members.ts";
import { orgRouter } from "./routers/org.ts";
import { outboxRouter } from "./routers/outbox.ts";
import { policyRouter } from "./routers/policy.ts";
import { referenceRouter } from "./routers/reference.ts";
import { restatementsRouter } from "./routers/restatements.ts";
import { segmentsRouter } from "./routers/segments.ts";
import { sessionsRouter } from "./routers/sessions.ts";
import { sourceObjectsRouter } from "./routers/source-objects.ts";
import { sourceReconcileRouter } from "./routers/source-reconcile.ts";
import { sourcesRouter } from "./routers/sources.ts";
import { tokensRouter } from "./routers/tokens.ts";
import { uploadsRouter } from "./routers/uploads.ts";
import { createCallerFactory, router } from "./trpc.ts";

/** Every procedure there is: what tRPC and pages call by name, and REST by the method and path in its `meta`. */
export const appRouter = router({
  account: accountRouter,
  analytics: analyticsRouter,
  annotations: annotationsRouter,
  audit: auditRouter,
  comments: commentsRouter,
  customers: customersRouter,
  dashboards: dashboardsRouter,
  dashboardVersions: dashboardVersionsRouter,
  demo: demoRouter,
  exclusions: exclusionsRouter,
  finance: financeRouter,
  explain: explainRouter,
  invitations: invitationsRouter,
  members: membersRouter,
  org: orgRouter,
  outbox: outboxRouter,
  policy: policyRouter,
  reference: referenceRouter,
  restatements: restatementsRouter,
  segments: segmentsRouter,
  sessions: sessionsRouter,
  sourceObjects: sourceObjectsRouter,
  sourceReconcile: sourceReconcileRouter,
  sources: sourcesRouter,
  tokens: tokensRouter,
  uploads: uploadsRouter,
});

/** What a tRPC client in the browser is typed by. @public */
export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
export type AppCaller = ReturnType<typeof createCaller>;
