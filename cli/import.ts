import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { organisationName } from "#contracts/accounts.ts";
import { type UploadOutput, uploadKind } from "#contracts/uploads.ts";
import { createDatabase, type Database } from "#db/database.ts";
import { ensureOrganisationNamed } from "#db/queries/organisations.ts";
import { listUploadErrors } from "#db/queries/uploads.ts";
import { receiveUpload } from "#db/receive-upload.ts";
import type { Command, CommandContext } from "./command.ts";
import { Problem } from "./problem.ts";
import { untilResting } from "./until-resting.ts";
import { withWorkers } from "./with-workers.ts";

const listedErrors = 20;

/** `import FILE --org NAME [--kind KIND]`: hands a file in, waits, and tells how it went. Exits 1 when it did not go. */
export const importFile: Command = async (args, context) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { org: { type: "string" }, kind: { type: "string" } },
  });
  const [file, ...rest] = positionals;
  const org = organisationName.safeParse(values.org);
  const kind = values.kind === undefined ? null : uploadKind.safeParse(values.kind);
  if (!file || rest.length > 0) throw new Problem("Say which: npm run cli -- import FILE --org NAME");
  if (!org.success) throw new Problem("Name the organisation: --org NAME");
  if (kind && !kind.success)
    throw new Problem(`There is no kind ${values.kind}: ${uploadKind.options.join(", ")}`);
  if (!(await stat(file).catch(() => null))?.isFile()) throw new Problem(`There is no file ${file}`);

  const db = createDatabase({ url: context.databaseUrl, role: "jarvis_app", max: 2 });
  try {
    const orgId = await db.withInstance((tx) => ensureOrganisationNamed(tx, org.data));
    const { row, duplicate } = await receiveUpload(db, orgId, {
      source: createReadStream(file),
      fileName: basename(file),
      createdBy: null,
      maxBytes: context.env.LIMITS.uploadBytes,
      asked: async () => ({ request: { kind: kind?.data ?? null }, dryRun: false }),
    });
    if (duplicate) context.note("The same file with the same settings is there already.");
    const upload = await withWorkers(context, () => untilResting(db, orgId, row.id, context.note));
    await tell(db, orgId, upload, context);
  } finally {
    await db.close();
  }
};

async function tell(
  db: Database,
  orgId: string,
  upload: UploadOutput,
  { note, print }: CommandContext,
): Promise<void> {
  const { rows, status } = upload;
  print(
    `${upload.id} ${status}: ${rows.read} rows read, ${rows.imported} imported, ${rows.rejected} rejected`,
  );
  if (upload.error) note(upload.error.message);
  for (const question of upload.questions) note(question.message);
  if (rows.rejected > 0) {
    const { items } = await db.withOrg(orgId, (tx) =>
      listUploadErrors(tx, { id: upload.id, limit: listedErrors }),
    );
    for (const { line, message } of items) note(`line ${line}: ${message}`);
    if (rows.rejected > items.length) note(`… and ${rows.rejected - items.length} more`);
  }
  if (status === "needs_mapping") note("Answer on its page, or give --kind.");
  if (status !== "done") process.exitCode = 1;
}
