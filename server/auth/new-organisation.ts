import { defaultDashboard } from "#collab/widgets/default-dashboard.ts";
import type { OrgTx } from "#db/database.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { addMember } from "#db/queries/members.ts";
import { createOrganisation, type Organisation } from "#db/queries/organisations.ts";

/** An organisation as everybody gets it: with its owner and its first dashboard. */
export async function setUpOrganisation(
  tx: OrgTx,
  values: { name: string; isDemo?: boolean; ownerId: string },
): Promise<Organisation> {
  const { ownerId, ...rest } = values;
  const made = await createOrganisation(tx, rest);
  await addMember(tx, ownerId, "owner");
  await createDashboard(tx, defaultDashboard());
  return made;
}
