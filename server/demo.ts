import type { Database, OrgTx } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { enqueueJob } from "#db/jobs.ts";
import { createUser, findUserByEmail } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { demoGuest, demoName, lockDemo } from "#db/queries/demo.ts";
import { listOrganisationsOf } from "#db/queries/organisations.ts";
import type { Env } from "#root/env.ts";
import { setUpOrganisation } from "./auth/new-organisation.ts";

/** How many companies the demo's company sells to. */
export const demoCustomers = 640;

/**
 * Whether strangers may look at the demo without an account: only where strangers cannot come from, an instance that
 * is reached under a loopback name.
 */
export function isDemoOpen(env: Pick<Env, "BASE_URL">): boolean {
  if (env.BASE_URL === null) return true;
  return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(env.BASE_URL).hostname);
}

/**
 * The instance's demo organisation with its guest, made at the first call; its data is loaded by a background job.
 * @returns the guest, who owns it and has no password
 */
export async function ensureDemo(db: Database): Promise<{ orgId: string; userId: string; created: boolean }> {
  const guest = await db.withInstance(async (tx) => {
    await lockDemo(tx);
    const made = await createUser(tx, { ...demoGuest, passwordHash: null, verified: true });
    return made ?? (await findUserByEmail(tx, demoGuest.email));
  });
  if (!guest) throw new Error("the demo's guest could neither be made nor found");
  const userId = guest.id;
  return db.withOrg(
    newId(),
    async (tx) => {
      await lockDemo(tx);
      const [existing] = (await listOrganisationsOf(tx, userId)).filter((choice) => choice.isDemo);
      if (existing) return { orgId: existing.id, userId, created: false };
      await createDemo(tx, { userId, actor: demoGuest.email, ip: "" });
      return { orgId: tx.orgId, userId, created: true };
    },
    { userId },
  );
}

/** Makes the organisation that the transaction is inside a demo of one person's own. */
export async function createDemo(
  tx: OrgTx,
  owner: { userId: string; actor: string; ip: string },
): Promise<void> {
  await setUpOrganisation(tx, { name: demoName, isDemo: true, ownerId: owner.userId });
  await enqueueJob(
    tx,
    "loadDemo",
    { orgId: tx.orgId, customers: demoCustomers },
    { queue: `import:${tx.orgId}` },
  );
  await recordAudit(tx, {
    actorId: owner.userId,
    actor: owner.actor,
    ip: owner.ip,
    action: "organisation.created",
    target: demoName,
    details: { demo: true },
  });
}
