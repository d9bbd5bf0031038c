import pino from "pino";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadErrorItem, UploadMapping, UploadOutput } from "#contracts/uploads.ts";
import { uploadRequest } from "#contracts/uploads.ts";
import { getUpload, listUploadErrors, requestImport, requestUndo } from "#db/queries/uploads.ts";
import { receiveUpload, uploadFingerprint } from "#db/receive-upload.ts";
import type { TestDatabase } from "#db/testing.ts";
import { type Limits, parseEnv } from "#root/env.ts";
import type { ImportDeps } from "./deps.ts";
import { importUpload } from "./import-upload.ts";
import { parseUpload } from "./parse-upload.ts";
import type { ImportJob } from "./run-job.ts";
import { undoUpload } from "./undo-upload.ts";

/** Uploads of tests: received as the web does, worked on as the workers do, without HTTP and queue. */

export interface Ask {
  kind?: UploadKind;
  mapping?: UploadMapping;
  options?: Record<string, unknown>;
  dryRun?: boolean;
}

export const testDeps = (t: TestDatabase, limits: Partial<Limits> = {}): ImportDeps => ({
  db: t.worker,
  limits: { ...parseEnv({}).LIMITS, ...limits },
  log: pino({ level: "silent" }),
});

/** A run of the queue's that nothing disturbs. */
export const testJob = (values: Partial<ImportJob> = {}): ImportJob => ({
  isLast: false,
  signal: new AbortController().signal,
  requireLease: async () => {},
  ...values,
});

export const requestOf = ({ kind, mapping, options }: Ask) => uploadRequest.parse({ kind, mapping, options });

/** Receives a file; nothing works on it yet. */
export async function receive(t: TestDatabase, orgId: string, file: string | Buffer, ask: Ask = {}) {
  async function* source() {
    yield typeof file === "string" ? Buffer.from(file) : file;
  }
  return receiveUpload(t.app, orgId, {
    source: source(),
    fileName: "file.csv",
    createdBy: null,
    maxBytes: 2 ** 30,
    asked: async () => ({ request: requestOf(ask), dryRun: ask.dryRun ?? false }),
  });
}

/** Runs the jobs of an upload until it rests. */
export async function work(t: TestDatabase, orgId: string, uploadId: string, limits: Partial<Limits> = {}) {
  const deps = testDeps(t, limits);
  await parseUpload(deps)({ orgId, uploadId }, testJob());
  await importUpload(deps)({ orgId, uploadId }, testJob());
  return t.app.withOrg(orgId, (tx) => getUpload(tx, uploadId));
}

/** A file from its bytes to its end. */
export async function upload(
  t: TestDatabase,
  orgId: string,
  file: string | Buffer,
  ask: Ask = {},
  limits: Partial<Limits> = {},
): Promise<UploadOutput> {
  const { row } = await receive(t, orgId, file, ask);
  return work(t, orgId, row.id, limits);
}

/** As POST /uploads/{id}/import, worked on to its end. */
export async function importAgain(
  t: TestDatabase,
  orgId: string,
  id: string,
  ask: Ask,
): Promise<UploadOutput> {
  const request = requestOf(ask);
  await t.app.withOrg(orgId, (tx) =>
    requestImport(tx, id, request, (sha256) => uploadFingerprint(sha256, { request, dryRun: false }), null),
  );
  return work(t, orgId, id);
}

export async function undo(
  t: TestDatabase,
  orgId: string,
  uploadId: string,
  actorId: string | null = null,
): Promise<UploadOutput> {
  await t.app.withOrg(orgId, (tx) => requestUndo(tx, uploadId, actorId));
  await undoUpload(testDeps(t))({ orgId, uploadId, actorId }, testJob());
  return t.app.withOrg(orgId, (tx) => getUpload(tx, uploadId));
}

export const errorsOf = async (t: TestDatabase, orgId: string, id: string): Promise<UploadErrorItem[]> =>
  (await t.app.withOrg(orgId, (tx) => listUploadErrors(tx, { id, limit: 1000 }))).items;
