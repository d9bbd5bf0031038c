import { done } from "#contracts/accounts.ts";
import {
  authoriseSourceInput,
  authoriseSourceOutput,
  createSourceInput,
  deleteSourceInput,
  probeSourceInput,
  probeSourceOutput,
  sourceIdInput,
  sourceOptionsOutput,
  sourceOutput,
  sourceStreamsOutput,
  sourcesInput,
  sourcesOutput,
  updateSourceInput,
  webhookSecretsInput,
} from "#contracts/sources.ts";
import type { OrgTx } from "#db/database.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { sealCredentials, sealWebhookSecrets } from "#db/queries/source-credentials.ts";
import { putStreamChecks } from "#db/queries/source-streams.ts";
import {
  disconnectSource,
  enqueueSourceJob,
  getSource,
  listSourceStreams,
  listSources,
  lockSource,
  pauseSource,
  restartSource,
  type SourceRow,
  updateSource,
} from "#db/queries/sources.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { tryAnotherKey } from "../sources/another-key.ts";
import { beginAuthorisation, isOAuthConfigured } from "../sources/authorisation.ts";
import { connectSource } from "../sources/connect-source.ts";
import { openAccount } from "../sources/open-account.ts";
import { probeAccount } from "../sources/probe-account.ts";
import { streamsOf, toSourceOutput } from "../sources/source-output.ts";
import { type Context, orgProcedure, router } from "../trpc.ts";

const tags = ["Sources"];

type Acting = Context & { principal: NonNullable<Context["principal"]> };

/** What was done to a source, and how it is afterwards. No secret is ever a detail. */
async function finish(
  ctx: Acting,
  tx: OrgTx,
  row: SourceRow,
  action: string,
  details: Record<string, unknown> = {},
) {
  await recordAudit(tx, {
    ...actorOf(ctx),
    action: `source.${action}`,
    target: row.name,
    details: { id: row.id, ...details },
  });
  return toSourceOutput(tx, row, ctx.request.origin);
}

/** Billing systems that are read by themselves. Keys go in and never come out. */
export const sourcesRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/sources", tags, summary: "Connected sources, the oldest first" },
    })
    .input(sourcesInput)
    .output(sourcesOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const found = await listSources(tx, input);
        const items = [];
        for (const row of found.items) items.push(await toSourceOutput(tx, row, ctx.request.origin));
        return { items, next: found.next };
      }),
    ),

  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/sources/{id}",
        tags,
        summary: "A source: its status, progress, streams, counts and health",
      },
    })
    .input(sourceIdInput)
    .output(sourceOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => toSourceOutput(tx, await getSource(tx, input.id), ctx.request.origin)),
    ),

  streams: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/sources/{id}/streams", tags, summary: "What is read of a source" },
    })
    .input(sourceIdInput)
    .output(sourceStreamsOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await getSource(tx, input.id);
        return { items: streamsOf(row, await listSourceStreams(tx, row.id)) };
      }),
    ),

  /** Which ways of connecting this instance offers. */
  options: orgProcedure("data.read")
    .output(sourceOptionsOutput)
    .query(({ ctx }) => ({ stripe: { oauth: isOAuthConfigured(ctx.env) } })),

  /** It asks the vendor and keeps nothing. */
  probe: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "POST",
        path: "/sources/probe",
        tags,
        summary: "What a key may read, before it is connected",
        description:
          "A key that is none answers 422 with the code credentials_refused; one that may not read what is required is told of stream by stream, and cannot be connected.",
      },
    })
    .input(probeSourceInput)
    .output(probeSourceOutput)
    .mutation(({ ctx, input }) => probeAccount(ctx, input)),

  create: orgProcedure("sources.manage")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/sources",
        tags,
        summary: "Connect a billing system",
        description:
          "The key is tried at once and kept sealed; it is never told again. One that is refused answers 422 with the code credentials_refused, an account that is connected already 409 with source_exists. Reading begins in the background.",
      },
    })
    .input(createSourceInput)
    .output(sourceOutput)
    .mutation(async ({ ctx, input: { kind, name, credentials, options = {} } }) => {
      const apiKey = credentials.api_key.trim();
      const checked = await openAccount(ctx.env, { kind, apiKey, account: options.stripe_account ?? null });
      return ctx.inOrg(async (tx) => {
        const row = await connectSource(tx, ctx.secrets, {
          ...{ kind, name, options, checked },
          credentials: { apiKey, oauth: null },
          keyHint: apiKey.slice(-4),
          actor: actorOf(ctx),
        });
        return toSourceOutput(tx, row, ctx.request.origin);
      });
    }),

  update: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "PATCH",
        path: "/sources/{id}",
        tags,
        summary: "Rename a source, or give it another key of the same account",
      },
    })
    .input(updateSourceInput)
    .output(sourceOutput)
    .mutation(async ({ ctx, input: { id, name, credentials } }) => {
      const before = await ctx.inOrg((tx) => getSource(tx, id));
      const apiKey = credentials?.api_key.trim();
      const checked = apiKey === undefined ? null : await tryAnotherKey(ctx.env, before, apiKey);
      return ctx.inOrg(async (tx) => {
        const row = await lockSource(tx, id);
        const change = {
          ...(name === undefined ? {} : { name }),
          ...(apiKey === undefined
            ? {}
            : {
                keyHint: apiKey.slice(-4),
                credentials: await sealCredentials(tx, ctx.secrets, id, { apiKey, oauth: null }),
              }),
        };
        if (checked) await putStreamChecks(tx, id, checked.streams);
        const changed =
          checked && row.status !== "paused"
            ? await restartSource(tx, id, change)
            : await updateSource(tx, id, { ...change, name: name ?? row.name });
        return finish(ctx, tx, changed, "updated", {
          changed: [...(name === undefined ? [] : ["name"]), ...(apiKey === undefined ? [] : ["key"])],
        });
      });
    }),

  sync: orgProcedure("sources.manage")
    .meta({
      status: 202,
      openapi: {
        method: "POST",
        path: "/sources/{id}/sync",
        tags,
        summary: "Look for changes now",
        description: "`synced_at` moves when it is done. After an error it begins again where it stopped.",
      },
    })
    .input(sourceIdInput)
    .output(sourceOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await lockSource(tx, input.id);
        if (row.status === "paused")
          throw new AppError("CONFLICT", "This source is paused. Resume it first.", {
            reason: "source_paused",
          });
        const asked = row.status === "error" ? await restartSource(tx, row.id) : row;
        if (row.status === "live") {
          await enqueueSourceJob(tx, "pollSource", row);
          await enqueueSourceJob(tx, "reconcileSource", row);
        } else if (row.status !== "error") await enqueueSourceJob(tx, "backfillSource", row);
        return finish(ctx, tx, asked, "synced");
      }),
    ),

  pause: orgProcedure("sources.manage")
    .meta({ openapi: { method: "POST", path: "/sources/{id}/pause", tags, summary: "Stop reading for now" } })
    .input(sourceIdInput)
    .output(sourceOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => finish(ctx, tx, await pauseSource(tx, input.id), "paused")),
    ),

  resume: orgProcedure("sources.manage")
    .meta({
      openapi: { method: "POST", path: "/sources/{id}/resume", tags, summary: "Go on where it was paused" },
    })
    .input(sourceIdInput)
    .output(sourceOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const row = await lockSource(tx, input.id);
        // what runs goes on running
        const resumed = row.status === "paused" ? await restartSource(tx, row.id) : row;
        return finish(ctx, tx, resumed, "resumed");
      }),
    ),

  setWebhookSecrets: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "PUT",
        path: "/sources/{id}/webhook-secrets",
        tags,
        summary: "The secrets that the source’s webhooks are signed with",
        description:
          "They replace those that are held; give the old and the new one while Stripe rotates. They are never told again.",
      },
    })
    .input(webhookSecretsInput)
    .output(sourceOutput)
    .mutation(({ ctx, input: { id, secrets } }) =>
      ctx.inOrg(async (tx) => {
        await lockSource(tx, id);
        const row = await updateSource(tx, id, {
          webhookSecrets:
            secrets.length === 0 ? null : await sealWebhookSecrets(tx, ctx.secrets, id, secrets),
          webhookSecretCount: secrets.length,
        });
        return finish(ctx, tx, row, "webhook_secrets_set", { count: secrets.length });
      }),
    ),

  delete: orgProcedure("sources.manage")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/sources/{id}",
        tags,
        summary: "Disconnect a source",
        description:
          "data=keep: the numbers stay as they are, and connecting the same account again continues them. data=remove: everything of it goes, and the restatement log tells which months moved.",
      },
    })
    .input(deleteSourceInput)
    .output(done)
    .mutation(({ ctx, input: { id, data } }) =>
      ctx.inOrg(async (tx) => {
        const row = await disconnectSource(tx, id, data);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "source.disconnected",
          target: row.name,
          details: { id, data, account: row.accountId },
        });
        return { ok: true };
      }),
    ),

  /** The way over the vendor's own page; whoever asked comes back in the same browser session. */
  authorise: orgProcedure("sources.manage")
    .input(authoriseSourceInput)
    .output(authoriseSourceOutput)
    .mutation(({ ctx, input }) => beginAuthorisation(ctx, input)),
});
