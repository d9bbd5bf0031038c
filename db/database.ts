import { AsyncLocalStorage } from "node:async_hooks";
import { type SQL, sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { AppError } from "#root/errors.ts";
import { type Bus, type BusPayload, type BusTopic, createBus } from "./bus.ts";
import { createOneTrips, type FunctionCall } from "./one-trip.ts";
import { OneWriteClient } from "./one-write.ts";
import type { Role } from "./roles.ts";
import { type RowsOptions, rowsOf } from "./rows.ts";

type Queries = Omit<NodePgDatabase, "transaction" | "$client">;

/** A transaction inside one organisation. Every query still names `orgId`: the second fence. */
export interface OrgTx {
  readonly orgId: string;
  /** It only reads, and sees one state of the data from its beginning to its end. */
  readonly isSnapshot: boolean;
  readonly q: Queries;
  /** Runs hand-written SQL and returns its rows; dates arrive as text, numeric and bigint as decimal strings. */
  rows<Row extends Record<string, unknown>>(query: SQL, options?: RowsOptions): Promise<Row[]>;
  /** Says so on the bus as soon as this transaction has committed; nothing is said when it is rolled back. */
  announce<Topic extends BusTopic>(topic: Topic, payload: BusPayload<Topic>): void;
}

/** A transaction over the three tables without a tenant: organisation, user, session. */
export type InstanceTx = Omit<OrgTx, "orgId" | "isSnapshot">;

export interface Database {
  /**
   * Runs `fn` in a transaction that sees one organisation only. No network or file awaits inside.
   * @param options.userId also shows this user's own memberships
   * @param options.sourceId also shows to which organisation this source belongs
   * @param options.statementMs statement timeout, default from LIMITS
   * @throws AppError UNAVAILABLE when no connection could be had
   */
  withOrg<T>(orgId: string, fn: (tx: OrgTx) => Promise<T>, options?: TxOptions): Promise<T>;
  withInstance<T>(fn: (tx: InstanceTx) => Promise<T>, options?: TxOptions): Promise<T>;
  /**
   * One call in a transaction that sees one organisation only, in one round trip: for what many people wait for, many times a second.
   * It is given the organisation, and writes nothing into the event log. Rejected, it may be committed all the same.
   */
  inOneTrip<Row extends Record<string, unknown>>(orgId: string, call: FunctionCall): Promise<Row[]>;
  /** For code that streams: COPY connections are made by `db/copy.ts` from this. */
  readonly url: string;
  /** What is said after commits (`tx.announce`, the event log); whoever made it closes it. */
  readonly bus: Bus;
  close(): Promise<void>;
}

interface TxOptions {
  userId?: string;
  sourceId?: string;
  statementMs?: number;
  readOnly?: boolean;
  /** Of what only reads: `fn` asks one question, at once, and the end goes along. What it asked later would find the wall closed. */
  single?: boolean;
  /** A crash of the server may lose it, whole: for work that is then simply done again. Its commit does not wait for the disk. */
  repeatable?: boolean;
}

/** SQLSTATE of the notice by which Postgres says that a commit wrote into app.org_event (0009_feed.sql). */
const eventNotice = "J3601";
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The organisation that owns what belongs to the instance or to a person alone (personal mails). */
export const instanceOrgId = "00000000-0000-0000-0000-000000000000";

/** Which organisation the running async context is inside, so that a nested switch is caught where it happens. */
const inside = new AsyncLocalStorage<string>();

export function createDatabase(options: {
  url: string;
  role: Extract<Role, "jarvis_app" | "jarvis_worker" | "jarvis_maint">;
  max?: number;
  statementMs?: number;
  /** Where commits are told of, shared by all of a process; without one those of this database alone hear. */
  bus?: Bus;
  onError?: (error: Error) => void;
}): Database {
  const onError = options.onError ?? (() => {});
  const bus = options.bus ?? createBus();
  /** Clients whose transaction wrote into the event log. */
  const wroteEvents = new WeakSet<object>();
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    // a connection knows the plans of what it was asked before, and is renewed before it has become old with them
    idleTimeoutMillis: 300_000,
    maxLifetimeSeconds: 3_600,
    // what is asked without waiting for an answer travels together: the beginning of a transaction with its first statement
    pipeline: true,
    Client: OneWriteClient,
    // runs before the client is handed out
    onConnect: async (client) => {
      await client.query(
        `SET ROLE ${options.role}; SET search_path = app; SET timezone = 'UTC'; SET jit = off`,
      );
    },
  });
  pool.on("error", onError);
  // a client that is checked out emits its own error when its backend dies; unheard, it would end the process
  pool.on("connect", (client) => {
    client.on("error", onError);
    client.on("notice", ({ code }) => code === eventNotice && wroteEvents.add(client));
  });

  const statementMs = options.statementMs ?? 30_000;
  let oneTrips: ReturnType<typeof createOneTrips> | null = null;

  async function transaction<T>(
    settings: string[],
    options_: TxOptions,
    fn: (tx: InstanceTx) => Promise<T>,
    orgId: string | null = null,
  ): Promise<T> {
    const client = await acquire(pool);
    let broken: Error | undefined;
    /** The end of what only read: it changes nothing of the answer, so nobody waits for it but the next transaction. */
    let ended: Promise<unknown> | null = null;
    const announcements: (() => void)[] = [];
    wroteEvents.delete(client);
    try {
      const begun = client.query(
        [
          // what only reads sees one state of the data, however many statements it takes
          options_.readOnly ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN",
          `SET LOCAL statement_timeout = ${Math.trunc(options_.statementMs ?? statementMs)}`,
          `SET LOCAL idle_in_transaction_session_timeout = 60000`,
          // somebody waits for it, among many: helpers would each take a core, and do some work over again
          ...(options_.repeatable ? ["SET LOCAL synchronous_commit = off"] : []),
          ...(options_.readOnly ? ["SET LOCAL max_parallel_workers_per_gather = 0"] : []),
          ...settings,
        ].join("; "),
      );
      // of what only reads the first statement goes along; were there no transaction, the wall would show it nothing
      if (options_.readOnly) begun.catch(() => {});
      else await begun;
      const asked = fn({
        // without the schema: reading it anew for every transaction takes longer than a quick statement
        q: drizzle(client),
        rows: (query, options) => rowsOf(client, query, options),
        announce(topic, payload) {
          announcements.push(() => bus.publish(topic, payload));
        },
      });
      if (options_.readOnly && options_.single) {
        ended = client.query("COMMIT");
        // whoever asked hears of the fault by the question
        ended.catch(() => {});
      }
      const result = await asked;
      if (options_.readOnly) {
        await begun;
        ended ??= client.query("COMMIT");
        return result;
      }
      await client.query("COMMIT");
      // whoever hears it may look into another organisation
      inside.exit(() => {
        if (orgId && wroteEvents.has(client)) bus.publish("feed", { orgId });
        for (const announce of announcements) announce();
      });
      return result;
    } catch (error) {
      await client.query("ROLLBACK").catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      throw error;
    } finally {
      if (ended === null) client.release(broken);
      else
        ended.then(
          () => client.release(),
          (error: Error) => client.release(error),
        );
    }
  }

  return {
    url: options.url,
    bus,
    async withOrg(orgId, fn, txOptions = {}) {
      const settings = [enter(orgId)];
      if (txOptions.userId) settings.push(`SET LOCAL app.user_id = '${requireUuid(txOptions.userId)}'`);
      return inside.run(orgId, () =>
        transaction(
          settings,
          txOptions,
          (tx) => fn({ ...tx, orgId, isSnapshot: txOptions.readOnly === true }),
          orgId,
        ),
      );
    },
    async withInstance(fn, txOptions = {}) {
      const settings = txOptions.userId ? [`SET LOCAL app.user_id = '${requireUuid(txOptions.userId)}'`] : [];
      if (txOptions.sourceId) settings.push(`SET LOCAL app.source_id = '${requireUuid(txOptions.sourceId)}'`);
      return transaction(settings, txOptions, fn);
    },
    async inOneTrip(orgId, call) {
      const begin = `BEGIN; ${enter(orgId)}`;
      oneTrips ??= createOneTrips({ ...options, statementMs: Math.trunc(statementMs), onError });
      return oneTrips.run(begin, call);
    },
    async close() {
      await Promise.all([pool.end(), oneTrips?.close()]);
    },
  };
}

/** The command by which a transaction sees an organisation. @throws AppError inside another one, and for what is no id */
function enter(orgId: string): string {
  const outer = inside.getStore();
  if (outer !== undefined && outer !== orgId)
    throw new AppError("INTERNAL", "Something went wrong.", {
      internal: `withOrg(${orgId}) inside withOrg(${outer})`,
    });
  // a command, not set_config(): a distributed Postgres forwards SET LOCAL
  return `SET LOCAL app.org_id = '${requireUuid(orgId)}'`;
}

async function acquire(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw new AppError("UNAVAILABLE", "The database cannot be reached right now. Try again in a moment.", {
      cause,
      retryAfterSeconds: 2,
    });
  }
}

/** Throws unless `id` is a lower-case uuid: it stands inside a SET command, where parameters cannot go. */
function requireUuid(id: string): string {
  if (!uuidPattern.test(id))
    throw new AppError("NOT_FOUND", "There is no such thing here.", { internal: `not a uuid: ${id}` });
  return id;
}

export { sql };
