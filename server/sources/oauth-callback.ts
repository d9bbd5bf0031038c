import type { RequestHandler, Response } from "express";
import type { AuthoriseFault } from "#contracts/sources.ts";
import { isAppError } from "#root/errors.ts";
import { contextOf, stateOf } from "../http/request-state.ts";
import { chargeRequest } from "../rate-limits.ts";
import { finishAuthorisation } from "./authorisation.ts";

/** GET /oauth/stripe/callback: Stripe sends the browser back here. It goes on to the new source, or back to the wizard. */
export const oauthCallback: RequestHandler = (req, res, next) => {
  arrive(new URL(req.originalUrl, "http://localhost").searchParams, res).catch(next);
};

async function arrive(query: URLSearchParams, res: Response): Promise<void> {
  const ctx = await contextOf(res);
  await chargeRequest(ctx, 1);
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Referrer-Policy", "no-referrer");
  const [state, code] = [query.get("state"), query.get("code")];
  if (!state || !code) {
    res.redirect(303, failed(query.has("error") ? "denied" : "expired"));
    return;
  }
  try {
    res.redirect(303, `/sources/${await finishAuthorisation(ctx, { state, code })}`);
  } catch (error) {
    const fault = faultOf(error);
    if (fault === null) throw error;
    stateOf(res).log.info({ fault }, "an attempt to connect Stripe failed");
    res.redirect(303, failed(fault));
  }
}

const failed = (fault: AuthoriseFault): string => `/sources/new?error=${fault}`;

/** What the wizard says about it; null: not to be told there. */
function faultOf(error: unknown): AuthoriseFault | null {
  if (!isAppError(error)) return null;
  if (error.code === "GONE") return "expired";
  if (error.code === "CONFLICT") return "exists";
  if (error.code === "UNPROCESSABLE") return "refused";
  return error.code === "UNAVAILABLE" ? "unavailable" : null;
}
