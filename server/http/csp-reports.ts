import type { RequestHandler } from "express";
import type { Metrics } from "./metrics.ts";
import { stateOf } from "./request-state.ts";

const maxBytes = 16_384;

/** Takes a browser's word that the policy stopped something, for the log. It changes nothing, so it is open. */
export const cspReports =
  (metrics: Metrics): RequestHandler =>
  (req, res) => {
    let text = "";
    req.setEncoding("utf8");
    req.on("data", (chunk: string) => {
      if (text.length < maxBytes) text += chunk.slice(0, maxBytes - text.length);
    });
    req.on("end", () => {
      metrics.cspReports.inc();
      stateOf(res).log.warn(
        { report: text.replace(/\p{Cc}+/gu, " ").slice(0, 2_000) },
        "content security policy report",
      );
      res.status(204).end();
    });
  };
