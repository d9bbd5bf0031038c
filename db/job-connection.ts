import postgres from "postgres";
import { AppError } from "#root/errors.ts";

/** postgres.js for one job of one organisation: COPY in and out. Its connection is never shared and never replaced. */

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws AppError NOT_FOUND unless `id` may stand inside a command, where parameters cannot go */
export function requireUuid(id: string): string {
  if (!uuidPattern.test(id))
    throw new AppError("NOT_FOUND", "There is no such thing here.", { internal: `not a uuid: ${id}` });
  return id;
}

export const lost = (cause?: unknown): AppError =>
  new AppError("UNAVAILABLE", "The connection to the database was lost.", { cause, retryAfterSeconds: 2 });

/** Rows as the `pg` pool returns them: days and instants as text, json parsed; json text goes in as it is. */
const types = {
  date: {
    to: 1082,
    from: [1082, 1083, 1114, 1184],
    serialize: (value: unknown) => value,
    parse: (value: string) => value,
  },
  json: {
    to: 3802,
    from: [114, 3802],
    serialize: (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)),
    parse: (value: string): unknown => JSON.parse(value),
  },
};

/** @param options.onClose the connection is gone; whoever holds this must send nothing more */
export const openPostgres = (options: {
  url: string;
  name: string;
  settings: Record<string, string | number>;
  onClose: () => void;
}): postgres.Sql =>
  postgres(options.url, {
    max: 1,
    types,
    prepare: false,
    fetch_types: false,
    max_lifetime: null,
    connect_timeout: 5,
    onnotice: () => {},
    onclose: options.onClose,
    // given with the connection, not after it: no statement ever runs as the login itself
    connection: {
      application_name: options.name,
      role: "jarvis_worker",
      search_path: "app, pg_temp",
      TimeZone: "UTC",
      jit: "off",
      ...options.settings,
    },
  });
