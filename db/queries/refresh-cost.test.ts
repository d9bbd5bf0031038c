import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import type { LedgerTx } from "./ledger.ts";
import { refreshCustomers } from "./refresh.ts";
import { changedStage, partVersionStage, valueStage, versionStage } from "./refresh-stages.ts";
import { loadFacts, writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  Filter?: string;
  Plans?: PlanNode[];
}

/** Hold nothing but what is of the touched customers. */
const stages = [versionStage, valueStage, partVersionStage].map(({ name }) => name);

/** A transaction that asks for the plan of each statement that fills a table from one of `stages`, before it runs it. */
function planning<Tx extends LedgerTx>(tx: Tx): { tx: Tx; plans: Promise<PlanNode>[] } {
  const plans: Promise<PlanNode>[] = [];
  const dialect = new PgDialect();
  const rows = <Row extends Record<string, unknown>>(query: SQL): Promise<Row[]> => {
    const text = dialect.sqlToQuery(query).sql;
    if (/^\s*(INSERT|WITH)\b/.test(text) && stages.some((name) => text.includes(`FROM "${name}"`)))
      plans.push(
        tx
          .rows<{ "QUERY PLAN": { Plan: PlanNode }[] }>(sql`EXPLAIN (FORMAT JSON) ${query}`)
          .then(([found]) => found!["QUERY PLAN"][0]!.Plan),
      );
    return tx.rows<Row>(query);
  };
  return { tx: { ...tx, rows }, plans };
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

// Looking for each of their versions among all of the touched, once more, would make the work grow with their square.
test("a refresh does not compare each touched customer with each other", async () => {
  const version = (customerId: string, plan: string) => ({
    ...{
      customerId,
      subscriptionId: `${customerId} ${plan}`,
      plan,
      currency: "USD",
      interval: "month" as const,
    },
    ...{ fromDay: "2025-01-01", toDay: null, annual: "120", source: "files" },
  });
  const states = Array.from({ length: 40 }, (_, i) => [
    version(`c${i}`, "Gold"),
    // with two plans: in each plan's slice they have a ledger of their own
    ...(i % 2 === 0 ? [version(`c${i}`, "Silver")] : []),
  ]).flat();

  for (const org of [t.orgA, t.orgB]) {
    await loadFacts(t, org, { states });
    const plans = await t.worker.withOrg(org, async (tx) => {
      const watched = planning(tx);
      const { full } = await refreshCustomers(watched.tx, {
        touched: sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${org} AND external_id IN ('c0', 'c1', 'c2', 'c3'))`,
        cause: "upload",
      });
      expect(full).toBe(false);
      return Promise.all(watched.plans);
    });
    const scans = plans.flatMap(nodesOf).filter((node) => stages.includes(node["Relation Name"] ?? ""));
    expect(new Set(scans.map((node) => node["Relation Name"]))).toEqual(new Set(stages));
    // they are of the touched already: a row that is looked for in a list of them costs as many comparisons as there are
    expect(scans.filter(({ Filter }) => /customer_id = ANY/.test(Filter ?? ""))).toEqual([]);
  }
});

// Of twenty thousand customers nobody waited for the end of it: the planner took what each changes for a handful of rows, and compared each
// with each.
test("what is added to slices at once is known to the planner", async () => {
  const buy = (plan: string) =>
    Array.from({ length: 60 }, (_, i) => ({
      ...{ customerId: `d${i}`, subscriptionId: `d${i} ${plan}`, plan, currency: "USD", interval: "month" },
      ...{ fromDay: "2025-01-01", toDay: null, annual: "120", source: "files" },
    }));
  for (const org of [t.orgA, t.orgB]) {
    await loadFacts(t, org, { states: buy("Gold") });
    await t.worker.withOrg(org, async (tx) => {
      await writeFacts(tx, { states: buy("Silver").slice(0, 20) });
      const { full } = await refreshCustomers(tx, {
        touched: sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${org} AND external_id = ANY (${sql.param(
          buy("")
            .slice(0, 20)
            .map(({ customerId }) => customerId),
        )}::text[]))`,
        cause: "upload",
        mostLeft: 0,
      });
      expect(full).toBe(false);
      const known = await tx.rows<{ changed: number; known: number }>(sql`
        SELECT (SELECT count(*)::int FROM ${changedStage.table}) AS changed, reltuples::int AS known
        FROM pg_class WHERE oid = ${changedStage.name}::regclass`);
      expect(known[0]?.changed).toBeGreaterThan(20);
      expect(known[0]?.known).toBe(known[0]?.changed);
    });
  }
});
