import type { Request, RequestHandler, Response } from "express";
import { type Change, WebhookRefused } from "#connectors/connector.ts";
import { connectors } from "#connectors/registry.ts";
import { type SourceKind, sourceKinds } from "#contracts/sources.ts";
import type { Database } from "#db/database.ts";
import { noteNewest, putChanges } from "#db/queries/source-changes.ts";
import { openWebhookSecrets } from "#db/queries/source-credentials.ts";
import { enqueueSourceJob, findSource, findSourceOrganisation, type SourceRow } from "#db/queries/sources.ts";
import type { Secrets } from "#db/secrets.ts";
import { AppError } from "#root/errors.ts";
import { sendFailure } from "../http/failure.ts";
import { stateOf } from "../http/request-state.ts";
import type { RateLimits } from "../rate-limits.ts";
import { readRawBody } from "./raw-body.ts";

/** Stripe's largest events are far smaller. */
const mostBytes = 256 * 1024;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface WebhookDeps {
  db: Database;
  secrets: Secrets;
  limits: RateLimits;
}

/**
 * POST /webhooks/{kind}/{sourceId}: what a vendor says has happened. The signature over the raw bytes is the only thing that lets
 * anybody in; what is asked of the vendor afterwards is done by a job, so that the answer comes at once.
 */
export function webhookRoute(deps: WebhookDeps): RequestHandler {
  return (req, res) => {
    receive(deps, req, res).catch((error: unknown) => sendFailure(res, error));
  };
}

async function receive({ db, secrets, limits }: WebhookDeps, req: Request, res: Response): Promise<void> {
  res.setHeader("Cache-Control", "no-store");
  const address = addressOf(req.path);
  if (!address) throw nowhere();
  await limits.request(`webhook ${address.sourceId}`);
  const body = await readRawBody(req, mostBytes);
  const orgId = await db.withInstance((tx) => findSourceOrganisation(tx, address.sourceId), {
    sourceId: address.sourceId,
    readOnly: true,
  });
  if (!orgId) throw nowhere();
  const held = await db.withOrg(
    orgId,
    async (tx) => {
      const row = await findSource(tx, address.sourceId);
      return row && { row, secrets: await openWebhookSecrets(tx, secrets, row) };
    },
    { readOnly: true },
  );
  if (!held || held.row.kind !== address.kind) throw nowhere();
  const changes = verified(held.row, { body, headers: req.headers, secrets: held.secrets }, res);
  if (changes.length > 0) await keep(db, held.row, changes);
  res.json({ received: true });
}

async function keep(db: Database, row: SourceRow, changes: Change[]): Promise<void> {
  const added = await db.withOrg(row.orgId, async (tx) => {
    const fresh = await putChanges(tx, row.id, changes);
    if (fresh > 0 && isRead(row)) await enqueueSourceJob(tx, "applySourceChanges", row);
    return fresh;
  });
  if (added > 0) await db.withOrg(row.orgId, (tx) => noteNewest(tx, row.id, changes));
}

function addressOf(path: string): { kind: SourceKind; sourceId: string } | null {
  const [, , kind, sourceId = "", ...rest] = path.replace(/\/$/, "").split("/");
  const known = sourceKinds.find((name) => name === kind);
  return known && rest.length === 0 && uuid.test(sourceId) ? { kind: known, sourceId } : null;
}

const nowhere = () =>
  new AppError("NOT_FOUND", "There is no such source here.", { reason: "unknown_source" });

/** @throws AppError BAD_REQUEST, reason `webhook_refused` */
function verified(
  row: SourceRow,
  given: { body: Buffer; headers: Request["headers"]; secrets: string[] },
  res: Response,
): Change[] {
  try {
    if (given.secrets.length === 0) throw new WebhookRefused("no signing secret is held");
    return connectors[row.kind].webhook({
      ...given,
      now: Math.floor(Date.now() / 1_000),
      livemode: row.livemode ?? false,
      account: row.accountId,
    });
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    // a clock that is wrong looks like this too: whoever runs this server reads it here
    stateOf(res).log.warn({ sourceId: row.id, reason: error.message }, "a webhook was refused");
    throw new AppError("BAD_REQUEST", "This webhook is not signed for this source.", {
      reason: "webhook_refused",
    });
  }
}

/** While it is paused or stopped by an error events wait, and are looked at when it goes on. */
const isRead = ({ status }: SourceRow): boolean => status !== "paused" && status !== "error";
