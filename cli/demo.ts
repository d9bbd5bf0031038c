import { createDatabase } from "#db/database.ts";
import { demoName, demoProgress } from "#db/queries/demo.ts";
import { ensureDemo } from "#server/demo.ts";
import type { Command } from "./command.ts";
import { withWorkers } from "./with-workers.ts";

const pollMs = 200;

/** `demo`: makes the demo organisation unless it is there, and waits until its numbers are. */
export const demo: Command = async (_args, context) => {
  const db = createDatabase({ url: context.databaseUrl, role: "jarvis_app", max: 2 });
  try {
    const { orgId, created } = await ensureDemo(db);
    const customers = await withWorkers(context, async () => {
      for (;;) {
        const progress = await db.withOrg(orgId, demoProgress);
        if (progress.ready) return progress.customers;
        await new Promise((done) => setTimeout(done, pollMs));
      }
    });
    context.print(`${demoName}: ${customers} customers${created ? "" : ", was there already"}.`);
    context.note("Open it with one click on the page of signing in.");
  } finally {
    await db.close();
  }
};
