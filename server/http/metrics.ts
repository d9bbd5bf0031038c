import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** What /metrics tells. One registry per server, so that two in one process do not mix. */
export interface Metrics {
  registry: Registry;
  requests: Histogram<"area" | "method" | "status">;
  cspReports: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: "jarvis_http_request_seconds",
      help: "Time until a request was answered, by area, method and status",
      labelNames: ["area", "method", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
    cspReports: new Counter({
      name: "jarvis_csp_reports_total",
      help: "Reports of scripts or styles that the content security policy stopped",
      registers: [registry],
    }),
  };
}
