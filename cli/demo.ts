import { parseArgs } from "node:util";
import { createDatabase } from "#db/database.ts";
import { demoName, demoProgress } from "#db/queries/demo.ts";
import { ensureDemo } from "#server/demo.ts";
import type { Command, CommandContext } from "./command.ts";
import { makeLargeDemo, mostCustomers } from "./large-demo.ts";
import { Problem } from "./problem.ts";
import { withWorkers } from "./with-workers.ts";

const pollMs = 200;

/** `demo [--customers N]`: makes the demo organisation, or one of N customers, and waits until its numbers are there. */
export const demo: Command = async (args, context) => {
  const { values } = parseArgs({ args, options: { customers: { type: "string" } } });
  if (values.customers === undefined) return makeDemo(context);
  const customers = /^\d{1,7}$/.test(values.customers) ? Number(values.customers) : 0;
  if (customers < 1 || customers > mostCustomers)
    throw new Problem(`Say how many, from 1 to ${mostCustomers}: npm run cli -- demo --customers 100000`);
  return makeLargeDemo(customers, context);
};

async function makeDemo(context: CommandContext): Promise<void> {
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
}
