import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What /metrics tells of shared documents. */
export interface RoomMetrics {
  connections: Gauge;
  updates: Counter;
  commits: Histogram;
  closed: Counter<"code">;
  dropped: Counter<"what">;
}

export const createRoomMetrics = (registry: Registry): RoomMetrics => ({
  connections: new Gauge({
    name: "jarvis_collab_connections",
    help: "Open connections to shared documents",
    registers: [registry],
  }),
  updates: new Counter({
    name: "jarvis_collab_updates_total",
    help: "Edits of shared documents that were stored",
    registers: [registry],
  }),
  commits: new Histogram({
    name: "jarvis_collab_commit_seconds",
    help: "Time until a batch of edits was durable",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  }),
  closed: new Counter({
    name: "jarvis_collab_closed_total",
    help: "Connections to shared documents that this side ended, by close code",
    labelNames: ["code"],
    registers: [registry],
  }),
  dropped: new Counter({
    name: "jarvis_collab_dropped_total",
    help: "Frames of people who may only read that said more than they may: edits, or presence under another's client id",
    labelNames: ["what"],
    registers: [registry],
  }),
});
