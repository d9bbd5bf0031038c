import type { z } from "zod";
import { type Checked, ConnectorError } from "#connectors/connector.ts";
import type { ProbeSourceOutput, probeSourceInput } from "#contracts/sources.ts";
import type { OrgTx } from "#db/database.ts";
import { findSourceOfAccount } from "#db/queries/sources.ts";
import { AppError } from "#root/errors.ts";
import type { Context } from "../trpc.ts";
import { accountOf } from "./connect-source.ts";
import { openAccount } from "./open-account.ts";
import { streamsOf, tellerOf } from "./source-output.ts";

/** A key that may not read enough is told of as well: what it may, and what it may not. */
function checkedIn(error: unknown): Checked {
  const cause = error instanceof AppError ? error.cause : null;
  if (cause instanceof ConnectorError && cause.extra.checked) return cause.extra.checked;
  throw error;
}

/**
 * What a key may read, stream by stream; nothing of it is kept.
 * @throws AppError UNPROCESSABLE `credentials_refused`; UNAVAILABLE
 */
export async function probeAccount(
  ctx: Pick<Context, "env"> & { inOrg<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T> },
  { kind, credentials, options }: z.output<typeof probeSourceInput>,
): Promise<ProbeSourceOutput> {
  const checked = await openAccount(ctx.env, {
    kind,
    apiKey: credentials.api_key.trim(),
    account: options?.stripe_account ?? null,
  }).catch(checkedIn);
  const known = await ctx.inOrg((tx) => findSourceOfAccount(tx, kind, accountOf(checked)));
  const teller = tellerOf(kind);
  const states = new Map(checked.streams.map((stream) => [stream.name, stream]));
  return {
    account: checked.account,
    livemode: checked.livemode,
    duplicate_of: known && known.disconnected === null ? known.id : null,
    streams: [...streamsOf({ kind }, []), ...(teller ? [teller] : [])].map(({ name, label, required }) => ({
      ...{ name, label, required },
      state: states.get(name)?.state ?? "ok",
      message: states.get(name)?.message ?? null,
    })),
  };
}
