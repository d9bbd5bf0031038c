import { createDatabase, type Database } from "#db/database.ts";
import { countCustomers } from "#db/queries/demo.ts";
import { ensureLargeDemo } from "#server/large-demo.ts";
import { handInLargeDemo } from "#workers/demo/large/hand-in.ts";
import type { CommandContext } from "./command.ts";
import { onInterrupt } from "./interrupt.ts";
import { Problem } from "./problem.ts";
import { untilResting } from "./until-resting.ts";
import { withWorkers } from "./with-workers.ts";

/** More would not fit into one file: an upload has at most 20 million rows and a gigabyte. */
export const mostCustomers = 2_000_000;
const noteEveryMs = 1_000;

/**
 * `demo --customers N`: makes an organisation with N customers through the ordinary import, and waits for its numbers. Run
 * again it finds what is there and goes on with what is missing.
 */
export async function makeLargeDemo(customers: number, context: CommandContext): Promise<void> {
  const db = createDatabase({ url: context.databaseUrl, role: "jarvis_app", max: 4 });
  const interrupt = onInterrupt(() => context.note("Stopping … run the same command again to go on."));
  const began = performance.now();
  try {
    const { orgId, name } = await ensureLargeDemo(db, customers);
    const worked = await withWorkers(context, () => fill(db, orgId, customers, context, interrupt.signal));
    const found = await db.withOrg(orgId, countCustomers);
    context.print(`${name}: ${found} customers${worked ? "" : ", was there already"}.`);
    if (worked) context.note(`It took ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
    context.note("Open the demo on the page of signing in, and choose this organisation there; for the API:");
    context.note(`npm run -s cli -- token create --org "${name}" --email you@example.com`);
  } finally {
    interrupt.done();
    await db.close();
  }
}

/** @returns whether there was anything left to do */
async function fill(
  db: Database,
  orgId: string,
  customers: number,
  { env, note }: CommandContext,
  signal: AbortSignal,
): Promise<boolean> {
  const sometimes = atIntervals(note);
  const uploads = await handInLargeDemo(db, orgId, {
    customers,
    maxBytes: env.LIMITS.uploadBytes,
    signal,
    onProgress: (file, done) =>
      sometimes(`${file}: ${done.toLocaleString("en-US")} of ${customers.toLocaleString("en-US")} customers`),
  });
  for (const { id, fileName } of uploads) {
    const upload = await untilResting(db, orgId, id, (text) => sometimes(`${fileName}: ${text}`), signal);
    if (upload.status !== "done")
      throw new Problem(`${fileName} could not be imported: ${upload.error?.message ?? upload.status}`);
  }
  return uploads.some(({ status }) => status !== "done");
}

/** Says something, but not more often than a person reads. */
function atIntervals(note: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < noteEveryMs) return;
    last = now;
    note(text);
  };
}
