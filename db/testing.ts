import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { createBus } from "./bus.ts";
import { createDatabase, type Database } from "./database.ts";
import { newId } from "./ids.ts";
import { organisation } from "./schema/accounts.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the run's cluster, database `postgres`. */
    clusterUrl: string;
  }
}

export const templateDatabase = "jarvis_template";

export interface TestDatabase {
  url: string;
  /** As the web does. */
  app: Database;
  /** As the workers do. */
  worker: Database;
  /** Two organisations, in every test that touches data. */
  orgA: string;
  orgB: string;
  /** A connection as the cluster's owner, past the tenant wall. `close` ends it, unless the test did. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

/** A migrated database of this test file's own, with two organisations. Call `close` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = `t_${randomBytes(6).toString("hex")}`;
  const admin = await connectTo(clusterUrl);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase}`);
  // grants on the database itself are not copied from a template
  await admin.query(`GRANT CREATE ON DATABASE ${name} TO jarvis_owner, jarvis_queue`);
  await admin.end();
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  const bus = createBus();
  const app = createDatabase({ url: url.href, role: "jarvis_app", max: 4, bus });
  const worker = createDatabase({ url: url.href, role: "jarvis_worker", max: 4, bus });
  const opened: pg.Client[] = [];
  const orgA = await createTestOrganisation(app, "Org A");
  const orgB = await createTestOrganisation(app, "Org B");
  return {
    url: url.href,
    app,
    worker,
    orgA,
    orgB,
    async connect() {
      const client = await connectTo(url.href);
      opened.push(client);
      return client;
    },
    async close() {
      await Promise.all([app.close(), worker.close(), ...opened.map((client) => client.end())]);
      const last = await connectTo(clusterUrl);
      await last.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await last.end();
    },
  };
}

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

export async function createTestOrganisation(
  db: Database,
  name: string,
  values: Partial<typeof organisation.$inferInsert> = {},
): Promise<string> {
  const id = newId();
  await db.withInstance((tx) => tx.q.insert(organisation).values({ id, name, ...values }));
  return id;
}
