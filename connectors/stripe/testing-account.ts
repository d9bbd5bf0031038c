import type { Connection, Page, Range } from "../connector.ts";
import type { DoubleAccount, DoubleKey } from "../stripe-double/keys.ts";
import { type StripeDouble, startStripeDouble } from "../stripe-double/server.ts";
import type { World } from "../stripe-double/world.ts";
import { connectStripe } from "./index.ts";

/** Short waits, so that what goes wrong goes wrong quickly. */
export const hurried = { timeoutMs: 400, totalMs: 5_000, busyMs: 2, passingMs: 2 };

export const never = new AbortController().signal;

/** 1 June 2026, noon. */
export const noon = Date.UTC(2026, 5, 1, 12);

export interface TestAccount {
  double: StripeDouble;
  account: DoubleAccount;
  /** What is in test mode. */
  world: World;
  key: DoubleKey;
  connection: Connection;
}

export const startDouble = (): Promise<StripeDouble> => startStripeDouble({ clock: () => noon });

export function createTestAccount(double: StripeDouble, given: { forbidden?: string[] } = {}): TestAccount {
  const account = double.createAccount();
  const key = double.createKey(account, given);
  return { double, account, world: account.test, key, connection: connectTo(double, key.value) };
}

export const connectTo = (
  double: StripeDouble,
  apiKey: string,
  account: string | null = null,
  patience = hurried,
): Connection =>
  connectStripe({ credentials: { apiKey }, account, apiBase: double.url, limited: false }, patience);

const always: Range = { from: null, before: null };

/** A stream from its beginning to its end. @param between is called before each page but the first */
export async function readAll(
  connection: Connection,
  stream: string,
  { range = always, between = () => {} }: { range?: Range; between?: () => void } = {},
): Promise<Page["objects"]> {
  const objects: Page["objects"] = [];
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    if (!first) between();
    const page: Page = await connection.page(stream, cursor, range, never);
    objects.push(...page.objects);
    cursor = page.next;
  }
  return objects;
}
