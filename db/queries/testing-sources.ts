import { sql } from "drizzle-orm";
import type { CustomerFacts, VersionFact } from "#contracts/source-facts.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import type { GivenFacts } from "./source-facts.ts";

/** Sources and their facts, written short: for tests of the queries. */

/** A source that holds no key. @returns its id */
export async function writeSource(tx: OrgTx, name = "Stripe"): Promise<string> {
  const id = newId();
  await tx.rows(sql`INSERT INTO source (org_id, id, kind, name, status, credentials, account_id, livemode)
    VALUES (${tx.orgId}, ${id}, 'stripe', ${name}, 'live', 'sealed', ${`acct_${id}`}, true)`);
  return id;
}

/** A version of 10 a month in USD from 2026-01-05, unless said otherwise. `mrr` sets all amounts. */
export function versionFact({
  mrr = 10,
  ...given
}: Partial<VersionFact> & { mrr?: number } = {}): VersionFact {
  const annual = String(mrr * 12);
  return {
    ...{
      key: "si_1",
      subscriptionId: "sub_1",
      plan: "Gold",
      currency: "USD",
      interval: "month",
      quantity: "1",
    },
    unitAmount: String(mrr),
    annual: { none: annual, all: annual, recurring: annual, forever: annual },
    ...{
      status: "active",
      startedAt: "2026-01-05T12:00:00Z",
      endedAt: null,
      trialEnd: null,
      pastDueSince: null,
    },
    ...{ cancelRequestedAt: null, confidence: "exact", evidence: ["subscription:sub_1"], note: null },
    ...given,
  };
}

/** Facts of one customer, who has a name and nothing else unless said otherwise. */
export function factsOf(
  customerId: string,
  {
    customer = {},
    ...given
  }: Partial<Omit<CustomerFacts, "customer">> & { customer?: Partial<CustomerFacts["customer"]> } = {},
): GivenFacts {
  return {
    customerId,
    facts: {
      customer: {
        ...{
          externalId: customerId,
          name: `Name of ${customerId}`,
          email: null,
          country: null,
          signedUpAt: null,
        },
        ...{ attributes: {}, deleted: false },
        ...customer,
      },
      ...{ versions: [], usage: [], warnings: [] },
      ...given,
    },
  };
}
