import type { Database } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createUser, findUserByEmail } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { demoGuest, demoName, lockDemo } from "#db/queries/demo.ts";
import { listOrganisationsOf } from "#db/queries/organisations.ts";
import { setUpOrganisation } from "./auth/new-organisation.ts";

/** `Demo company (1,000,000 customers)` */
export const largeDemoName = (customers: number): string =>
  `${demoName} (${customers.toLocaleString("en-US")} ${customers === 1 ? "customer" : "customers"})`;

/**
 * The organisation of a demo of this size, beside the small one and visible to the same guest; it is empty at first. Two
 * at once make one.
 */
export async function ensureLargeDemo(
  db: Database,
  customers: number,
): Promise<{ orgId: string; name: string }> {
  const name = largeDemoName(customers);
  const userId = await db.withInstance(async (tx) => {
    await lockDemo(tx);
    const guest =
      (await createUser(tx, { ...demoGuest, passwordHash: null, verified: true })) ??
      (await findUserByEmail(tx, demoGuest.email));
    if (!guest) throw new Error("the demo's guest could neither be made nor found");
    return guest.id;
  });
  return db.withOrg(
    newId(),
    async (tx) => {
      await lockDemo(tx);
      const existing = (await listOrganisationsOf(tx, userId)).find((choice) => choice.name === name);
      if (existing) return { orgId: existing.id, name };
      await setUpOrganisation(tx, { name, ownerId: userId });
      await recordAudit(tx, {
        actorId: userId,
        actor: demoGuest.email,
        ip: "",
        action: "organisation.created",
        target: name,
        details: { demo: true, customers },
      });
      return { orgId: tx.orgId, name };
    },
    { userId },
  );
}
