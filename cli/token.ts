import { defaultDashboard } from "#collab/widgets/default-dashboard.ts";
import { atLeast, type Role } from "#contracts/permissions.ts";
import type { Database, OrgTx } from "#db/database.ts";
import { createUser, findUserByEmail, type User } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { createDashboard } from "#db/queries/dashboards.ts";
import { addMember, findMembership, forceRole, listMembers } from "#db/queries/members.ts";
import { ensureOrganisationNamed, lockOrganisation } from "#db/queries/organisations.ts";
import { createApiToken } from "#db/queries/tokens.ts";
import { hashSecret, newOrgSecret } from "#server/auth/secrets.ts";

const actor = { actorId: null, actor: "command line" };

/**
 * `token create`: makes the organisation, the person and the membership that are missing, and an API token bound to
 * that organisation. Whoever runs this owns the machine: the address counts as confirmed, and a member whose role is
 * lower than the token's is raised to it. The first member of an organisation becomes its owner.
 * @returns the token; it is shown this once
 */
export async function createToken(
  db: Database,
  input: { org: string; email: string; role: Role },
): Promise<string> {
  const orgId = await db.withInstance((tx) => ensureOrganisationNamed(tx, input.org));
  return db.withOrg(orgId, async (tx) => {
    await lockOrganisation(tx);
    const user = await ensureUser(tx, input.email);
    await ensureMember(tx, user, input.role);
    const token = newOrgSecret("jv", tx.orgId);
    const { id } = await createApiToken(tx, {
      name: "Made on the command line",
      role: input.role,
      tokenHash: hashSecret(token),
      lastFour: token.slice(-4),
      userId: user.id,
    });
    await recordAudit(tx, {
      ...actor,
      action: "token.created",
      target: user.email,
      details: { id, role: input.role },
    });
    return token;
  });
}

async function ensureUser(tx: OrgTx, email: string): Promise<User> {
  const made = await createUser(tx, { email, name: "", passwordHash: null, verified: true });
  const user = made ?? (await findUserByEmail(tx, email));
  if (!user) throw new Error(`The person ${email} could neither be made nor found`);
  return user;
}

async function ensureMember(tx: OrgTx, user: User, wanted: Role): Promise<void> {
  const before = await findMembership(tx, user.id);
  if (before) {
    if (atLeast(before.role, wanted)) return;
    await forceRole(tx, user.id, wanted);
    await recordAudit(tx, {
      ...actor,
      action: "member.role_changed",
      target: user.email,
      details: { from: before.role, to: wanted },
    });
    return;
  }
  const isFirst = (await listMembers(tx, { limit: 1 })).items.length === 0;
  const role = isFirst ? "owner" : wanted;
  await addMember(tx, user.id, role);
  await recordAudit(tx, { ...actor, action: "member.added", target: user.email, details: { role } });
  if (!isFirst) return;
  await createDashboard(tx, defaultDashboard());
  await recordAudit(tx, { ...actor, action: "organisation.created" });
}
