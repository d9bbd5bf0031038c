import { and, desc, eq, lt } from "drizzle-orm";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { auditLog } from "../schema/accounts.ts";

/** Who did what, to what, from where. `action` is `thing.verb`, e.g. `member.removed`. */
export interface AuditEntry {
  actorId: string | null;
  /** The address as it was then, or what acted in nobody's name, e.g. `command line`. */
  actor: string;
  action: string;
  target?: string;
  details?: Record<string, unknown>;
  ip?: string;
}

/** Adds a row to the organisation's log, in the transaction of the deed itself. Nothing changes or removes it later. */
export async function recordAudit(tx: OrgTx, entry: AuditEntry): Promise<void> {
  await tx.q.insert(auditLog).values({
    orgId: tx.orgId,
    id: newId(),
    actorId: entry.actorId,
    actor: clip(entry.actor, 300),
    action: entry.action,
    target: clip(entry.target ?? "", 500),
    details: entry.details ?? {},
    ip: clip(entry.ip ?? "", 64),
  });
}

const clip = (value: string, length: number) => value.replaceAll("\u0000", "").slice(0, length);

export async function listAudit(tx: OrgTx, input: { limit: number; cursor?: string; action?: string }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select()
    .from(auditLog)
    .where(
      and(
        eq(auditLog.orgId, tx.orgId),
        input.action ? eq(auditLog.action, input.action) : undefined,
        before === null ? undefined : lt(auditLog.id, before),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.id]);
}
