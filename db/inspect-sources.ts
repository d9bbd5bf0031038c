import { withMaint } from "./check-keys.ts";
import type { Finding } from "./inspect.ts";

/**
 * What `doctor` says of connected sources: which need somebody, and which have not been read for long.
 * @throws Error when the database cannot be reached, or knows no roles yet
 */
export const inspectSources = (url: string): Promise<Finding> =>
  withMaint(url, async (client) => {
    const { rows: known } = await client.query<{ yes: boolean }>(
      "SELECT to_regclass('app.source') IS NOT NULL AS yes",
    );
    if (!known[0]?.yes) return { ok: true, text: "No sources are connected" };
    const { rows } = await client.query<{ all: number; stopped: string[]; silent: string[] }>(
      `SELECT count(*)::int AS all,
         coalesce(array_agg(name || ' (' || coalesce(error_code, 'error') || ')' ORDER BY id) FILTER (WHERE status = 'error'), '{}') AS stopped,
         coalesce(array_agg(name ORDER BY id) FILTER (WHERE status = 'live' AND synced_at < now() - interval '1 day'), '{}') AS silent
       FROM app.source WHERE disconnected IS NULL`,
    );
    const { all = 0, stopped = [], silent = [] } = rows[0] ?? {};
    if (stopped.length > 0)
      return { ok: false, text: `Sources that stopped, see their pages: ${stopped.join(", ")}` };
    if (silent.length > 0)
      return { ok: false, text: `Sources that were not read for a day: ${silent.join(", ")}` };
    return { ok: true, text: all === 0 ? "No sources are connected" : `${all} sources are read` };
  });
