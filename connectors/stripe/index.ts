import type { Connection, ConnectOptions, Connector } from "../connector.ts";
import { readChanges } from "./changes.ts";
import { checkAccount } from "./check.ts";
import { Client, type Patience, patience, type StripeCredentials } from "./client.ts";
import { normaliseStripe } from "./normalise.ts";
import { fetchObject, readPage } from "./pages.ts";
import { stripeStreams } from "./streams.ts";
import { readWebhook } from "./webhook.ts";

/** @throws ConnectorError `credentials_refused`: this is no key at all */
export function connectStripe(
  options: ConnectOptions<StripeCredentials>,
  patient: Patience = patience,
): Connection {
  const client = new Client(options, patient);
  return {
    check: (signal) => checkAccount(client, options.credentials.apiKey, options.account, signal),
    page: (stream, cursor, range, signal) => readPage(client, stream, cursor, range, signal),
    changes: (cursor, range, signal) => readChanges(client, cursor, range, signal),
    fetch: (stream, id, signal) => fetchObject(client, stream, id, signal),
  };
}

export const stripe: Connector<StripeCredentials> = {
  kind: "stripe",
  streams: stripeStreams.map(({ name, label, required, history, listed, tells }) => ({
    name,
    label,
    required,
    ...(history === undefined ? {} : { history }),
    ...(listed === undefined ? {} : { listed }),
    ...(tells === undefined ? {} : { tells }),
  })),
  connect: (options) => connectStripe(options),
  webhook: readWebhook,
  normalise: normaliseStripe,
};
