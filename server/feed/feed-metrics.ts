import { Counter, Gauge, type Registry } from "prom-client";

/** What /metrics tells of the live feed. */
export interface FeedMetrics {
  connections: Gauge;
  /** By why: the close code's meaning, or what was refused before it was a connection. */
  refused: Counter<"why">;
}

export const createFeedMetrics = (registry: Registry): FeedMetrics => ({
  connections: new Gauge({
    name: "jarvis_feed_connections",
    help: "Open pages that hear the live feed",
    registers: [registry],
  }),
  refused: new Counter({
    name: "jarvis_feed_refused_total",
    help: "Connections of the live feed that were refused or ended for what they did",
    labelNames: ["why"],
    registers: [registry],
  }),
});
