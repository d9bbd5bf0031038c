import { z } from "zod";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import type { Secrets } from "../secrets.ts";
import { credentialsPlace, type SourceRow, webhookSecretsPlace } from "./sources.ts";

/** What opens a vendor's door. Kept sealed; opened right before it is used, and never handed on. */
const stored = z.object({
  apiKey: z.string(),
  /** Where a person allowed it at the vendor's page: `apiKey` is then good until `expiresAt` (seconds since 1970). */
  oauth: z.object({ refreshToken: z.string(), expiresAt: z.number() }).nullable(),
});
export type StoredCredentials = z.infer<typeof stored>;

type SecretTx = Pick<OrgTx, "orgId" | "rows">;

export const sealCredentials = (
  tx: SecretTx,
  secrets: Secrets,
  sourceId: string,
  credentials: StoredCredentials,
): Promise<string> => secrets.seal(tx, credentialsPlace(sourceId), JSON.stringify(credentials));

/** @throws AppError INTERNAL, reason `secret_unreadable` */
export async function openCredentials(
  tx: SecretTx,
  secrets: Secrets,
  row: Pick<SourceRow, "id" | "credentials">,
): Promise<StoredCredentials> {
  if (row.credentials === "")
    throw new AppError("INTERNAL", "The key of this source was given up. Give it again.", {
      reason: "secret_unreadable",
    });
  return stored.parse(JSON.parse(await secrets.open(tx, credentialsPlace(row.id), row.credentials)));
}

/** Signing secrets of a source's webhooks: any of them may have signed. */
export const sealWebhookSecrets = (
  tx: SecretTx,
  secrets: Secrets,
  sourceId: string,
  values: readonly string[],
): Promise<string> => secrets.seal(tx, webhookSecretsPlace(sourceId), JSON.stringify(values));

/** @throws AppError INTERNAL, reason `secret_unreadable` */
export async function openWebhookSecrets(
  tx: SecretTx,
  secrets: Secrets,
  row: Pick<SourceRow, "id" | "webhookSecrets">,
): Promise<string[]> {
  if (row.webhookSecrets === null) return [];
  return z
    .array(z.string())
    .parse(JSON.parse(await secrets.open(tx, webhookSecretsPlace(row.id), row.webhookSecrets)));
}
