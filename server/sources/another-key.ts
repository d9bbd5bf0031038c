import type { Checked } from "#connectors/connector.ts";
import type { SourceRow } from "#db/queries/sources.ts";
import type { Env } from "#root/env.ts";
import { AppError } from "#root/errors.ts";
import { openAccount } from "./open-account.ts";

/**
 * What another key of a source may read.
 * @throws AppError UNPROCESSABLE `credentials_refused`, or `another_account` when it opens another account or mode; UNAVAILABLE
 */
export async function tryAnotherKey(env: Env, source: SourceRow, apiKey: string): Promise<Checked> {
  const checked = await openAccount(env, {
    ...{ kind: source.kind, apiKey },
    account: source.options.stripe_account ?? null,
  });
  const { account, livemode } = checked;
  if (livemode === source.livemode && isSame(source.accountId ?? "", account.id)) return checked;
  throw new AppError(
    "UNPROCESSABLE",
    `This key opens ${account.name ?? account.id} in ${livemode ? "live" : "test"} mode, which is another account. Connect it as a source of its own.`,
    { reason: "another_account" },
  );
}

/** A key that may not tell its account (`key_…`) may be of the same. */
const isSame = (before: string, now: string): boolean =>
  before === now || before.startsWith("key_") || now.startsWith("key_");
