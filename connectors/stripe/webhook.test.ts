import Stripe from "stripe";
import { expect, test } from "vitest";
import { WebhookRefused, type WebhookRequest } from "../connector.ts";
import { readWebhook } from "./webhook.ts";

const now = 1_780_315_200;
const event = {
  id: "evt_1",
  object: "event",
  api_version: "2020-08-27",
  created: now - 3,
  livemode: false,
  type: "customer.subscription.updated",
  data: {
    object: {
      id: "sub_1",
      object: "subscription",
      customer: "cus_1",
      plan: { amount_decimal: "12.50" },
    },
    previous_attributes: { quantity: 1 },
  },
};
const { webhooks } = new Stripe("none");

function request(
  given: Partial<WebhookRequest> & { text?: string; signedWith?: string; at?: number } = {},
): WebhookRequest {
  const text = given.text ?? JSON.stringify(event, null, 2);
  const signature = webhooks.generateTestHeaderString({
    payload: text,
    secret: given.signedWith ?? "whsec_a",
    timestamp: given.at ?? now,
  });
  return {
    body: Buffer.from(text),
    headers: { "stripe-signature": signature },
    secrets: ["whsec_a"],
    now,
    livemode: false,
    account: null,
    ...given,
  };
}

test("a signed event is a change of what it names, with its body as it came", () => {
  expect(readWebhook(request())).toEqual([
    {
      eventId: "evt_1",
      type: "customer.subscription.updated",
      stream: "subscriptions",
      objectId: "sub_1",
      customerId: "cus_1",
      at: now - 3,
      livemode: false,
      account: null,
      body: event,
    },
  ]);
});

test("any secret that is held may have signed, and both while Stripe replaces one", () => {
  expect(readWebhook(request({ secrets: ["whsec_old", "whsec_a"] }))).toHaveLength(1);
  const both = `${request({ signedWith: "whsec_new" }).headers["stripe-signature"] as string},${(request().headers["stripe-signature"] as string).split(",")[1]}`;
  expect(readWebhook(request({ headers: { "stripe-signature": both } }))).toHaveLength(1);
});

test("nothing else is taken in: no signature, another's, another text, an old one, one of tomorrow", () => {
  const own = request();
  const signature = own.headers["stripe-signature"] as string;
  for (const bad of [
    request({ headers: {} }),
    request({ headers: { "stripe-signature": "" } }),
    request({ headers: { "stripe-signature": [signature] } }),
    request({ headers: { "stripe-signature": `t=${now},v0=${signature.split("v1=")[1]}` } }),
    request({ headers: { "stripe-signature": `t=${now}` } }),
    request({ signedWith: "whsec_of_another" }),
    request({ secrets: [] }),
    request({ secrets: [""], signedWith: "x" }),
    { ...own, body: Buffer.from(JSON.stringify(event)) },
    { ...own, body: Buffer.alloc(0) },
    request({ at: now - 301 }),
    request({ at: now + 301 }),
    request({ text: "not JSON" }),
    request({ text: '{"object":"v2.core.event","id":"evt_2"}' }),
    request({ text: '{"object":"list"}' }),
  ])
    expect(() => readWebhook(bad)).toThrow(WebhookRefused);
  expect(readWebhook(request({ at: now - 300 }))).toHaveLength(1);
});

test("an event of another mode or account is refused, one that tells nothing is no change", () => {
  expect(() => readWebhook(request({ livemode: true }))).toThrow(WebhookRefused);
  const connected = request({ text: JSON.stringify({ ...event, account: "acct_1" }) });
  expect(() => readWebhook(connected)).toThrow(WebhookRefused);
  expect(() => readWebhook({ ...connected, account: "acct_2" })).toThrow(WebhookRefused);
  expect(readWebhook({ ...connected, account: "acct_1" })).toMatchObject([{ account: "acct_1" }]);
  const other = {
    ...event,
    type: "payment_method.attached",
    data: { object: { id: "pm_1", object: "payment_method" } },
  };
  expect(readWebhook(request({ text: JSON.stringify(other) }))).toEqual([]);
});
