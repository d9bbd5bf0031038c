import type { Database, OrgTx } from "#db/database.ts";
import { isAppError } from "#root/errors.ts";
import type { JobRun } from "../task.ts";

/** Every movement of a large organisation in a few statements: longer than a request may take. */
const statementMs = 15 * 60_000;

/**
 * Adds up what must not change meanwhile (`addUpUnchanged`). At first whoever changes facts need not wait. Where that made it void,
 * changes may come faster than this is done: the second time they wait.
 */
export async function addUp(
  db: Database,
  orgId: string,
  job: JobRun,
  work: (tx: OrgTx, options: { holding: boolean }) => Promise<void>,
): Promise<void> {
  const attempt = (holding: boolean) =>
    db.withOrg(
      orgId,
      async (tx) => {
        await job.requireLease(tx);
        await work(tx, { holding });
      },
      { statementMs },
    );
  try {
    await attempt(false);
  } catch (error) {
    if (!(isAppError(error) && error.code === "CONFLICT")) throw error;
    job.log.info("facts changed meanwhile: it is added up again, and changes wait");
    await attempt(true);
  }
}
