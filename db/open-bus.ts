import type { Logger } from "#root/log.ts";
import { type Bus, createBus } from "./bus.ts";
import { postgresWay } from "./bus-postgres.ts";

/** The bus of a process that shares its database with others. Close it last. */
export function openBus(options: { url: string; log: Logger }): Bus {
  const { url, log } = options;
  return createBus({
    ways: [
      postgresWay({
        url,
        onError: ({ message }) => log.warn({ reason: message }, "the bus over Postgres broke; trying again"),
      }),
    ],
    onError: (error) => log.error({ err: error }, "a message on the bus was not understood"),
  });
}
