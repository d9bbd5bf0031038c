import { createHash } from "node:crypto";
import { type Checked, ConnectorError } from "../connector.ts";
import { listOf } from "./bodies.ts";
import { type Client, Missing } from "./client.ts";
import { askList } from "./pages.ts";
import { type Body, type StripeStream, stripeStreams } from "./streams.ts";

type StreamState = Checked["streams"][number];

/** Which account it is, and what the key may read there, stream by stream. */
export async function checkAccount(
  client: Client,
  apiKey: string,
  account: string | null,
  signal: AbortSignal,
): Promise<Checked> {
  const own = await readAccount(client, signal);
  const probes = await Promise.all(stripeStreams.map((stream) => probe(client, stream, signal)));
  const modes = probes.flatMap(({ first }) => (typeof first?.livemode === "boolean" ? [first.livemode] : []));
  const ats = [own.at, ...probes.map(({ at }) => at)].flatMap((at) => at ?? []);
  const checked: Checked = {
    account: {
      id: own.id ?? account ?? accountOfKey(apiKey),
      name: own.name,
    },
    livemode: client.livemode ?? modes[0] ?? false,
    streams: probes.map(({ state }) => state),
    // the earliest: what was made before it is there to be listed
    at: Math.min(...(ats.length > 0 ? ats : [Date.now()])),
  };
  requireStreams(checked);
  return checked;
}

interface OwnAccount {
  id: string | null;
  name: string | null;
  at: number | null;
}

/** A restricted key may not be allowed to see its own account: then what refuses it names the account. */
async function readAccount(client: Client, signal: AbortSignal): Promise<OwnAccount> {
  try {
    const { body, at } = await client.ask("/v1/account", null, "the account", signal);
    return { id: typeof body.id === "string" ? body.id : null, name: nameOf(body), at };
  } catch (error) {
    if (error instanceof Missing) return { id: null, name: null, at: error.at };
    if (!(error instanceof ConnectorError) || error.fault !== "forbidden") throw error;
    return {
      id: /\bacct_[A-Za-z0-9]+/.exec(String(error.extra.cause ?? ""))?.[0] ?? null,
      name: null,
      at: null,
    };
  }
}

function nameOf(account: Body): string | null {
  const settings = account.settings as { dashboard?: { display_name?: unknown } | null } | null | undefined;
  const profile = account.business_profile as { name?: unknown } | null | undefined;
  const names = [settings?.dashboard?.display_name, profile?.name, account.email];
  return names.find((name): name is string => typeof name === "string" && name !== "") ?? null;
}

/** The same key is the same account, whatever else is not known of it. Keys of today have the account's id in them. */
function accountOfKey(apiKey: string): string {
  const named = /^[a-z]+_(?:live|test)_5(1[A-Za-z0-9]{15})/.exec(apiKey)?.[1];
  return named === undefined
    ? `key_${createHash("sha256").update(apiKey).digest("hex").slice(0, 16)}`
    : `acct_${named}`;
}

async function probe(
  client: Client,
  stream: StripeStream,
  signal: AbortSignal,
): Promise<{ state: StreamState; first: Body | null; at: number | null }> {
  const { name, label, passes, permission } = stream;
  const query = new URLSearchParams([["limit", "1"], ...Object.entries(passes[0]!)]);
  try {
    const { body, at } = await askList(client, stream, query, signal);
    return { state: { name, state: "ok", message: null }, first: listOf(body, label).data[0] ?? null, at };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const { fault, message } = error;
    if (fault === "forbidden") {
      // refused to this key, not to everybody
      const words = error.extra.cause
        ? `${message} In Stripe, set “${permission}” of this key to Read.`
        : message;
      return { state: { name, state: "forbidden", message: words }, first: null, at: null };
    }
    if (fault !== "unexpected") throw error;
    return { state: { name, state: "error", message }, first: null, at: null };
  }
}

/** @throws ConnectorError `credentials_refused` that names all that is missing */
function requireStreams(checked: Checked): void {
  const missing = stripeStreams.filter(
    ({ name, required }) => required && checked.streams.find((one) => one.name === name)?.state !== "ok",
  );
  if (missing.length === 0) return;
  const failed = checked.streams.find(
    ({ name, state }) => state === "error" && missing.some((one) => one.name === name),
  );
  if (failed) throw new ConnectorError("unexpected", failed.message ?? "Stripe did not answer as it should.");
  const names = missing.map(({ label }) => label.toLowerCase()).join(", ");
  const ticks = [...new Set(missing.map(({ permission }) => `“${permission}”`))].join(", ");
  throw new ConnectorError(
    "credentials_refused",
    `This key may not read ${names}, without which there are no numbers. In Stripe, set ${ticks} of this key to Read.`,
    { checked },
  );
}
