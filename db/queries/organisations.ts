import { and, asc, eq, ne, sql } from "drizzle-orm";
import type { Role } from "#contracts/permissions.ts";
import { AppError } from "#root/errors.ts";
import { type InstanceTx, instanceOrgId, type OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { membership, organisation } from "../schema/accounts.ts";

export type Organisation = typeof organisation.$inferSelect;

/** Makes the organisation whose id the transaction is inside. */
export async function createOrganisation(
  tx: OrgTx,
  values: { name: string; isDemo?: boolean },
): Promise<Organisation> {
  const [made] = await tx.q
    .insert(organisation)
    .values({ id: tx.orgId, ...values })
    .returning();
  return made!;
}

/** The organisation that the transaction is inside. @throws AppError NOT_FOUND */
export async function getOrganisation(tx: OrgTx): Promise<Organisation> {
  const [found] = await tx.q.select().from(organisation).where(eq(organisation.id, tx.orgId));
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return found;
}

/** As `getOrganisation`, and holds off every other change of it or of its members until the transaction ends. */
export async function lockOrganisation(tx: OrgTx): Promise<Organisation> {
  const [found] = await tx.q
    .select()
    .from(organisation)
    .where(eq(organisation.id, tx.orgId))
    .for("no key update");
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return found;
}

export type OrganisationChange = Partial<
  Pick<Organisation, "name" | "currency" | "timezone" | "policy" | "fiscalYearStart" | "weekStart">
>;

export async function updateOrganisation(tx: OrgTx, change: OrganisationChange): Promise<Organisation> {
  const [changed] = await tx.q
    .update(organisation)
    .set({
      ...change,
      // the facts follow in a job (db/queries/redate.ts)
      factsTimezone: sql`CASE WHEN ${organisation.timezone} = ${change.timezone} THEN ${organisation.factsTimezone}
        ELSE coalesce(${organisation.factsTimezone}, ${organisation.timezone}) END`,
      ...(change.policy
        ? {
            policyVersion: sql`${organisation.policyVersion} + 1`,
            metricsVersion: sql`${organisation.metricsVersion} + 1`,
          }
        : {}),
    })
    .where(eq(organisation.id, tx.orgId))
    .returning();
  return changed!;
}

/** Everything of the organisation goes with it. */
export async function deleteOrganisation(tx: OrgTx): Promise<void> {
  await tx.q.delete(organisation).where(eq(organisation.id, tx.orgId));
  tx.announce("authz", { userId: null, orgId: tx.orgId });
}

export interface OrganisationChoice {
  id: string;
  name: string;
  role: Role;
  isDemo: boolean;
}

/** The organisations of the person whom the transaction names (`userId` option). */
export async function listOrganisationsOf(tx: InstanceTx, userId: string): Promise<OrganisationChoice[]> {
  const found = await tx.q
    .select({
      id: organisation.id,
      name: organisation.name,
      role: membership.role,
      isDemo: organisation.isDemo,
    })
    .from(membership)
    .innerJoin(organisation, eq(organisation.id, membership.orgId))
    .where(eq(membership.userId, userId))
    .orderBy(asc(organisation.isDemo), asc(membership.createdAt), asc(organisation.id))
    .limit(1000);
  return found.map((row) => ({ ...row, role: row.role as Role }));
}

/** The oldest organisation of this name: names are not unique. */
export async function findOrganisationByName(tx: InstanceTx, name: string): Promise<Organisation | null> {
  const [found] = await tx.q
    .select()
    .from(organisation)
    .where(and(eq(organisation.name, name), ne(organisation.id, instanceOrgId)))
    .orderBy(asc(organisation.createdAt), asc(organisation.id))
    .limit(1);
  return found ?? null;
}

/** Its id, made when there is none of this name; two at once make one. */
export async function ensureOrganisationNamed(tx: InstanceTx, name: string): Promise<string> {
  await tx.rows(sql`SELECT pg_advisory_xact_lock(360011, hashtext(${name}))`);
  const found = await findOrganisationByName(tx, name);
  if (found) return found.id;
  const id = newId();
  await tx.q.insert(organisation).values({ id, name });
  return id;
}
