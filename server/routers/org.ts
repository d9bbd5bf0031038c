import { z } from "zod";
import {
  createOrganisationInput,
  currencyCode,
  deleteOrganisationInput,
  done,
  organisationName,
  role,
  switchOrganisationInput,
  timeZone,
} from "#contracts/accounts.ts";
import { policyPatch, policySchema } from "#contracts/policy.ts";
import { instanceOrgId } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { enqueueJob } from "#db/jobs.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { isSourced, reshapesLedger } from "#db/queries/ledger-rules.ts";
import { findMembership } from "#db/queries/members.ts";
import {
  deleteOrganisation,
  getOrganisation,
  lockOrganisation,
  type Organisation,
  updateOrganisation,
} from "#db/queries/organisations.ts";
import { recordPolicyVersion } from "#db/queries/policy-versions.ts";
import { isRebuildQuick, rebuildMetrics } from "#db/queries/rebuild.ts";
import { restateUsage } from "#db/queries/restate-usage.ts";
import { patchPolicy, resolvePolicy } from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { setUpOrganisation } from "../auth/new-organisation.ts";
import { renewSession } from "../auth/start-session.ts";
import { orgProcedure, personProcedure, router } from "../trpc.ts";

const organisationOutput = z.object({
  id: z.uuid(),
  name: z.string(),
  currency: z.string(),
  timezone: z.string(),
  /** In force: the preset with the organisation's own choices over it. */
  policy: policySchema,
  policy_version: z.number().int(),
  /** Months and weekdays count from 1; the week starts on Monday = 1. */
  fiscal_year_start: z.number().int(),
  week_start: z.number().int(),
  is_demo: z.boolean(),
  /** Goes up whenever a number may have changed. */
  version: z.number().int(),
  /** Of whoever asks. */
  role,
});

const toOutput = (found: Organisation, own: z.infer<typeof role>): z.infer<typeof organisationOutput> => ({
  id: found.id,
  name: found.name,
  currency: found.currency,
  timezone: found.timezone,
  policy: resolvePolicy(found.policy),
  policy_version: found.policyVersion,
  fiscal_year_start: found.fiscalYearStart,
  week_start: found.weekStart,
  is_demo: found.isDemo,
  version: found.metricsVersion,
  role: own,
});

const updateInput = z.strictObject({
  name: organisationName.optional(),
  currency: currencyCode.optional(),
  timezone: timeZone.optional(),
  policy: policyPatch.optional(),
  fiscal_year_start: z.number().int().min(1).max(12).optional(),
  week_start: z.number().int().min(1).max(7).optional(),
});

const tags = ["Organisation"];

export const orgRouter = router({
  get: orgProcedure("org.read")
    .meta({ openapi: { method: "GET", path: "/org", tags, summary: "The organisation and its settings" } })
    .input(z.object({}).optional())
    .output(organisationOutput)
    .query(async ({ ctx }) => toOutput(await ctx.read(getOrganisation), ctx.org.role)),

  update: orgProcedure("org.update")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/org",
        tags,
        summary: "Change name, currency, time zone or metric policy",
        description:
          "A policy key set to null returns to its preset. A change of currency, time zone or of what the policy counts recomputes every number: at once where there are few customers, else in the background.",
      },
    })
    .input(updateInput)
    .output(organisationOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const before = await lockOrganisation(tx);
        const { policy, fiscal_year_start, week_start, ...plain } = input;
        const stored = policy ? patchPolicy(before.policy, policy) : before.policy;
        const [rules, rulesBefore] = [resolvePolicy(stored), resolvePolicy(before.policy)];
        const policyChanged = JSON.stringify(rules) !== JSON.stringify(rulesBefore);
        const after = await updateOrganisation(tx, {
          name: plain.name ?? before.name,
          currency: plain.currency ?? before.currency,
          timezone: plain.timezone ?? before.timezone,
          fiscalYearStart: fiscal_year_start ?? before.fiscalYearStart,
          weekStart: week_start ?? before.weekStart,
          ...(policyChanged ? { policy: stored } : {}),
        });
        if (policyChanged) await recordPolicyVersion(tx, { before, after, actorId: ctx.principal.userId });
        const rebuild = [
          before.currency !== after.currency ? `currency ${before.currency} → ${after.currency}` : null,
          before.timezone !== after.timezone ? `time zone ${before.timezone} → ${after.timezone}` : null,
          // what only formulas read is so with the next question
          policyChanged && reshapesLedger(rules, rulesBefore, await isSourced(tx))
            ? `policy version ${after.policyVersion}`
            : null,
        ].filter((cause) => cause !== null);
        if (rebuild.length > 0) {
          const change = { cause: rebuild.join(", "), actorId: ctx.principal.userId };
          if (await isRebuildQuick(tx)) await rebuildMetrics(tx, change);
          else
            await enqueueJob(
              tx,
              "rebuildMetrics",
              { orgId: tx.orgId, ...change },
              { key: `rebuild:${tx.orgId}`, queue: `import:${tx.orgId}` },
            );
        }
        await restateUsage(tx, [rulesBefore.usage, rules.usage], {
          cause: `policy version ${after.policyVersion}`,
          actorId: ctx.principal.userId,
        });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "organisation.updated",
          target: after.name,
          details: input,
        });
        return toOutput(await getOrganisation(tx), ctx.org.role);
      }),
    ),

  policy: orgProcedure("org.read")
    .meta({
      openapi: { method: "GET", path: "/policy", tags, summary: "The metric policy in force" },
    })
    .input(z.object({}).optional())
    .output(policySchema.extend({ version: z.number().int() }))
    .query(async ({ ctx }) => {
      const found = await ctx.inOrg(getOrganisation);
      return { ...resolvePolicy(found.policy), version: found.policyVersion };
    }),

  /** Makes an organisation, owned by whoever asks, and turns their session to it. */
  create: personProcedure
    .input(createOrganisationInput)
    .output(z.object({ id: z.uuid() }))
    .mutation(async ({ ctx, input }) => {
      const secret = await ctx.db.withOrg(newId(), async (tx) => {
        await setUpOrganisation(tx, { name: input.name, ownerId: ctx.principal.userId });
        await recordAudit(tx, { ...actorOf(ctx), action: "organisation.created", target: input.name });
        return { secret: await renewSession(tx, ctx.sessionId, tx.orgId), id: tx.orgId };
      });
      ctx.setSessionCookie(secret.secret);
      return { id: secret.id };
    }),

  switch: personProcedure
    .input(switchOrganisationInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      const secret = await ctx.db.withOrg(input.id, async (tx) => {
        if (!(await findMembership(tx, ctx.principal.userId)))
          throw new AppError("NOT_FOUND", "There is no such organisation among yours.");
        return renewSession(tx, ctx.sessionId, tx.orgId);
      });
      ctx.setSessionCookie(secret);
      return { ok: true };
    }),

  delete: orgProcedure("org.delete")
    .input(deleteOrganisationInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      const deleted = await ctx.inOrg(
        async (tx) => {
          const found = await lockOrganisation(tx);
          if (found.name !== input.name)
            throw new AppError("UNPROCESSABLE", "Type the organisation’s name exactly as it is.", {
              reason: "name_differs",
            });
          const own = await findMembership(tx, ctx.principal.userId);
          if (own?.role !== "owner")
            throw new AppError("FORBIDDEN", "Only an owner deletes an organisation.");
          await deleteOrganisation(tx);
          return found;
        },
        { statementMs: 600_000 },
      );
      // its own log is gone with it
      await ctx.db.withOrg(instanceOrgId, (tx) =>
        recordAudit(tx, {
          ...actorOf(ctx),
          action: "organisation.deleted",
          target: deleted.name,
          details: { id: deleted.id },
        }),
      );
      return { ok: true };
    }),
});
