import Stripe from "stripe";
import { type Change, WebhookRefused, type WebhookRequest } from "../connector.ts";
import { changeOf } from "./event-objects.ts";
import type { Body } from "./streams.ts";

const toleranceSeconds = 300;

/** @throws WebhookRefused */
export function readWebhook({ body, headers, secrets, now, livemode, account }: WebhookRequest): Change[] {
  const header = headers["stripe-signature"];
  if (typeof header !== "string") throw new WebhookRefused("there is no signature");
  // the SDK looks at the past only: a clock of ours that is behind must not let everything in
  const signedAt = Number(/(?:^|,)\s*t=(\d+)/.exec(header)?.[1] ?? Number.NaN);
  if (!(Math.abs(now - signedAt) <= toleranceSeconds))
    throw new WebhookRefused("it was signed too long ago, or a clock is wrong");
  const event = verified(body, header, secrets, now);
  if (event.object !== "event") throw new WebhookRefused("it is no event");
  if (event.livemode !== livemode)
    throw new WebhookRefused(
      livemode
        ? "it is of test mode, the source of live mode"
        : "it is of live mode, the source of test mode",
    );
  // events of one's own account name none; those of connected accounts name it
  if (typeof event.account === "string" && event.account !== account)
    throw new WebhookRefused("it is of another account");
  const change = changeOf(event);
  return change ? [change] : [];
}

function verified(body: Buffer, header: string, secrets: readonly string[], now: number): Body {
  for (const secret of secrets) {
    try {
      // decimals are plain text here, as in everything else that is kept
      return verifier().constructEvent(
        body,
        header,
        secret,
        toleranceSeconds,
        undefined,
        now * 1_000,
      ) as unknown as Body;
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError))
        throw new WebhookRefused("it is no event");
    }
  }
  throw new WebhookRefused("no secret that is held signed it");
}

let kept: Stripe.Webhooks | null = null;

/** Needs no key: what verifies asks Stripe nothing. */
function verifier(): Stripe.Webhooks {
  kept ??= new Stripe("none").webhooks;
  return kept;
}
