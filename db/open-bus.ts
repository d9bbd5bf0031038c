import type { Logger } from "#root/log.ts";
import { type Bus, createBus } from "./bus.ts";
import { postgresWay } from "./bus-postgres.ts";
import { redisWay } from "./bus-redis.ts";

/**
 * The bus of a process that shares its database with others. Close it last.
 * @param options.redisUrl Redis or Valkey, beside Postgres
 */
export function openBus(options: { url: string; redisUrl: string | null; log: Logger }): Bus {
  const { url, redisUrl, log } = options;
  return createBus({
    ways: [
      postgresWay({
        url,
        onError: ({ message }) => log.warn({ reason: message }, "the bus over Postgres broke; trying again"),
      }),
      ...(redisUrl
        ? [
            redisWay({
              url: redisUrl,
              onError: ({ message }) =>
                log.warn({ reason: message }, "the bus over Redis broke; trying again"),
            }),
          ]
        : []),
    ],
    onError: (error) => log.error({ err: error }, "a message on the bus was not understood"),
  });
}
