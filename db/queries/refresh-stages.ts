import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { sendAhead } from "./send-ahead.ts";
import { sourceColumns } from "./settled-versions.ts";
import { keptStage } from "./stage-table.ts";

/**
 * What a refresh of some customers works on. Nothing of it outlives the transaction but the empty tables: to make them, and to read and
 * plan all that is asked of them, would take a third of the time of a refresh of few.
 */

/** (customer_id) of those whose facts changed. */
export const touchedStage = keptStage("refresh_touched", sql`SELECT NULL::bigint AS customer_id`);

/** Their versions, looked up once: a ledger is derived from several looks at them. */
export const versionStage = keptStage(
  "refresh_version",
  sql`SELECT ${sourceColumns()} FROM subscription_version v`,
);

/** (customer_id, v): their values, by the position of a slice's key. */
export const valueStage = keptStage(
  "refresh_value",
  sql`SELECT NULL::bigint AS customer_id, NULL::text[] COLLATE "C" AS v`,
);

/** Their versions by the slice that they are in, of those who are in several of a key: customer_id is `partMember`'s. */
export const partVersionStage = keptStage(
  "refresh_part_version",
  sql`SELECT ${sourceColumns()} FROM subscription_version v`,
);

export const rowColumns = sql.raw("day, until_day, kind, annual, before_annual, cohort_day, initial_annual");
/** Rows of ledgers that go out, under negative numbers of customers, and that come in: of wholes and of each slice (`partMember`). */
export const changedStage = keptStage("refresh_change", sql`SELECT customer_id, ${rowColumns} FROM movement`);

/** (customer_id, slices): where the rows of a customer count. */
export const heldStage = keptStage(
  "refresh_held",
  sql`SELECT NULL::bigint AS customer_id, NULL::int[] AS slices`,
);

/**
 * (kept, customer_id, member, sign, slices): as `heldStage`, by place in the list of what is kept. A member is all who count in the same
 * slices: what goes out and what comes in of it is one change.
 */
export const memberStage = keptStage(
  "refresh_member",
  sql`SELECT 0 AS kept, NULL::bigint AS customer_id, 0 AS member, 0 AS sign, NULL::int[] AS slices`,
);

export const stages = [
  touchedStage,
  versionStage,
  valueStage,
  partVersionStage,
  changedStage,
  heldStage,
  memberStage,
];

/** Makes those that this connection has not, and empties all: the transaction may have refreshed before. */
export const openStages = (tx: LedgerTx): Promise<void> =>
  sendAhead(tx, async (ahead): Promise<void> => {
    for (const { table, columns } of stages)
      await ahead.rows(
        sql`CREATE TEMP TABLE IF NOT EXISTS ${table} ON COMMIT DELETE ROWS AS ${columns} WITH NO DATA`,
      );
    await ahead.rows(
      sql`WITH ${sql.join(
        stages.map(({ table }, i) => sql`${sql.raw(`gone${i}`)} AS (DELETE FROM ${table})`),
        sql`, `,
      )} SELECT`,
    );
  });

/** Of how many customers statements are planned alike, whatever there is of them. */
export const mostAlike = 500;
export type TouchedSize = "few" | "many";

/** Each connection reads a statement once, and plans it once where it is of few customers. */
export const keepPlans = (tx: LedgerTx): LedgerTx => ({
  ...tx,
  rows: (query, options) => tx.rows(query, { prepared: true, ...options }),
});

const freely = { enable_seqscan: "on", enable_nestloop: "on", join_collapse_limit: "8" };
const settings = {
  // a plan that was made while a table was small must do when it has grown: what is stored is read by an index
  few: { ...freely, plan_cache_mode: "force_generic_plan", enable_seqscan: "off" },
  many: { ...freely, plan_cache_mode: "force_custom_plan" },
  others: { ...freely, plan_cache_mode: "auto" },
  // names of slices are found by no index, and nothing is known of the tables above: each is joined to all rows of the next at once, in
  // the order that is written, to which there is no better one to look for
  joinAsWritten: { enable_nestloop: "off", join_collapse_limit: "1" },
};

/** How statements are planned from now on, until the transaction ends; "others": as anybody else does. */
export const planFor = (tx: LedgerTx, which: keyof typeof settings): Promise<unknown> =>
  tx.rows(
    sql`SELECT ${sql.join(
      Object.entries(settings[which]).map(([name, value]) => sql`set_config(${name}, ${value}, true)`),
      sql`, `,
    )}`,
  );
