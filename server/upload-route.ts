import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import type { Request, RequestHandler, Response } from "express";
import { can } from "#contracts/permissions.ts";
import { type UploadReceipt, uploadRequest } from "#contracts/uploads.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { uploadOutputOf } from "#db/queries/uploads.ts";
import { type Asked, receiveUpload, tooLarge } from "#db/receive-upload.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "./auth/account-audit.ts";
import { sendFailure } from "./http/failure.ts";
import { chargeRequest } from "./rate-limits.ts";
import { type Context, issuesOf } from "./trpc.ts";

/** Beside the file itself: boundaries, part headers, the other fields. */
const formOverhead = 4 * 1024 * 1024;
const fieldBytes = 1024 * 1024;

/**
 * POST /api/v1/uploads: streams one file of a multipart form into the database, a mebibyte in memory at a time.
 * Answers 202 with the upload, or 200 and `duplicate` when the same file with the same request is there already.
 * @param contextOf who asks, as every other route knows it
 */
export function uploadRoute(contextOf: (res: Response) => Promise<Context>): RequestHandler {
  return (req, res) => {
    receive(req, res, contextOf).catch((error: unknown) => refuse(req, res, error));
  };
}

async function receive(
  req: Request,
  res: Response,
  contextOf: (res: Response) => Promise<Context>,
): Promise<void> {
  const ctx = await contextOf(res);
  await chargeRequest(ctx, 1);
  const orgId = requireImporter(ctx);
  const maxBytes = ctx.env.LIMITS.uploadBytes;
  requireForm(req, maxBytes);
  const form = openForm(req);
  try {
    const { bytes, name } = await form.file;
    const { row, duplicate } = await receiveUpload(ctx.db, orgId, {
      source: bytes,
      fileName: name,
      createdBy: ctx.principal?.userId ?? null,
      maxBytes,
      asked: async () => askedOf(await form.fields),
      askedSoFar: () => findAsked(form.fieldsSoFar),
    });
    if (!duplicate && ctx.principal)
      await ctx.db.withOrg(orgId, (tx) =>
        recordAudit(tx, {
          ...actorOf({ principal: ctx.principal!, request: ctx.request }),
          action: "upload.received",
          target: row.fileName,
          details: { id: row.id, bytes: row.bytes },
        }),
      );
    const receipt: UploadReceipt = { ...uploadOutputOf(row), duplicate };
    res.status(duplicate ? 200 : 202).json(receipt);
  } finally {
    form.close();
  }
}

function requireImporter({ principal }: Context): string {
  if (!principal) throw new AppError("UNAUTHENTICATED", "Sign in first.");
  const { org } = principal;
  if (!org)
    throw new AppError("FORBIDDEN", "Choose or create an organisation first.", { reason: "no_organisation" });
  if (!can(org.role, "data.import"))
    throw new AppError("FORBIDDEN", `Your role (${org.role}) does not allow this.`, {
      details: { action: "data.import" },
    });
  return org.id;
}

/** Says no to what can be refused before a byte of it is read. */
function requireForm(req: Request, maxBytes: number): void {
  const encoding = req.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new AppError("UNSUPPORTED_MEDIA", "Send the file as it is, not compressed.", {
      reason: "compressed_body",
    });
  if (!/^multipart\/form-data\s*;/i.test(req.headers["content-type"] ?? ""))
    throw new AppError("UNSUPPORTED_MEDIA", "Send the file as multipart/form-data, in a field named file.", {
      reason: "multipart_expected",
    });
  if (Number(req.headers["content-length"] ?? 0) > maxBytes + formOverhead) throw tooLarge(maxBytes);
}

interface FormFile {
  bytes: AsyncIterable<Buffer>;
  name: string;
}

interface Form {
  file: Promise<FormFile>;
  /** All fields, once the form has arrived whole. */
  fields: Promise<Map<string, string>>;
  fieldsSoFar: ReadonlyMap<string, string>;
  close(): void;
}

const incomplete = (cause?: unknown) =>
  new AppError("BAD_REQUEST", "The form did not arrive whole.", { reason: "form_incomplete", cause });

function openForm(req: Request): Form {
  let parser: busboy.Busboy;
  try {
    parser = busboy({
      headers: req.headers,
      defParamCharset: "utf8",
      limits: { files: 1, fields: 20, parts: 30, fieldSize: fieldBytes, fieldNameSize: 100 },
    });
  } catch (cause) {
    throw incomplete(cause);
  }
  const fields = new Map<string, string>();
  let broken: AppError | null = null;
  const fileFound = Promise.withResolvers<FormFile>();
  const complete = Promise.withResolvers<Map<string, string>>();
  // whoever gives up early awaits neither
  fileFound.promise.catch(() => {});
  complete.promise.catch(() => {});
  const fail = (error: AppError): void => {
    broken ??= error;
    fileFound.reject(broken);
    complete.reject(broken);
    parser.destroy(broken);
  };
  parser.on("file", (name, stream, info) => {
    // destroyed with the form; whoever reads it hears of that there
    stream.on("error", () => {});
    if (name === "file")
      fileFound.resolve({ bytes: wholeOr(stream, () => broken), name: info.filename ?? "" });
    else stream.resume();
  });
  parser.on("field", (name, value, info) => {
    if (info.valueTruncated || info.nameTruncated)
      fail(new AppError("BAD_REQUEST", `The field ${name} is too long.`, { reason: "field_too_long" }));
    fields.set(name, value);
  });
  parser.on("error", (cause) => fail(incomplete(cause)));
  parser.on("close", () => {
    fileFound.reject(
      new AppError("BAD_REQUEST", "The form has no field named file with a file in it.", {
        reason: "file_missing",
      }),
    );
    complete.resolve(fields);
  });
  const onCut = () => {
    if (!req.complete) fail(incomplete());
  };
  req.once("close", onCut);
  req.once("error", onCut);
  req.pipe(parser);
  return {
    file: fileFound.promise,
    fields: complete.promise,
    fieldsSoFar: fields,
    close() {
      req.off("close", onCut);
      req.unpipe(parser);
      parser.destroy();
    },
  };
}

/** The bytes of a part; where they end too soon, the error says so in our words. */
async function* wholeOr(stream: Readable, broken: () => AppError | null): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (cause) {
    throw broken() ?? incomplete(cause);
  }
}

function askedOf(fields: ReadonlyMap<string, string>): Asked {
  const parsed = uploadRequest.safeParse({
    kind: fields.get("kind") || null,
    mapping: jsonField(fields, "mapping"),
    options: jsonField(fields, "options"),
  });
  if (!parsed.success) {
    const issues = issuesOf(parsed.error);
    const first = issues[0];
    throw new AppError("BAD_REQUEST", first ? `${first.path}: ${first.message}` : "The form is not valid.", {
      reason: "invalid_input",
      details: { issues },
    });
  }
  return { request: parsed.data, dryRun: isDryRun(fields.get("dry_run") ?? "") };
}

/** A word that says neither is refused: taken as no, it would import what somebody wanted to look at first. */
function isDryRun(word: string): boolean {
  if (/^(true|1|yes|on)$/i.test(word)) return true;
  if (/^(false|0|no|off)?$/i.test(word)) return false;
  const message = "is true or false";
  throw new AppError("BAD_REQUEST", `dry_run: ${message}`, {
    reason: "invalid_input",
    details: { issues: [{ path: "dry_run", message }] },
  });
}

/** Fields that are wrong are refused when all of them are there. */
function findAsked(fields: ReadonlyMap<string, string>): Asked | null {
  try {
    return askedOf(fields);
  } catch {
    return null;
  }
}

function jsonField(fields: ReadonlyMap<string, string>, name: string): unknown {
  const text = fields.get(name);
  if (text === undefined || text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("BAD_REQUEST", `The field ${name} is not JSON.`, { reason: "invalid_json" });
  }
}

/**
 * Answers although the sender may still be sending: what comes is read and dropped, so that the answer gets through, up to
 * as much again as a file may have.
 */
function refuse(req: IncomingMessage, res: Response, error: unknown): void {
  if (req.destroyed && !req.complete) return;
  sendFailure(res, error);
  if (req.complete) return;
  let dropped = 0;
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > 1024 ** 3) req.destroy();
  });
  req.resume();
}
