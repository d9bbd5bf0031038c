import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { ErrorRequestHandler, Response } from "express";
import { ZodError } from "zod";
import { AppError, httpStatus, isAppError } from "#root/errors.ts";
import { asAppError } from "../fault.ts";
import { issuesOf, publicMessage } from "../trpc.ts";
import { stateOf } from "./request-state.ts";

/** An error as REST tells it. `code` is the error's reason, or its general code in small letters. */
export interface Failure {
  status: number;
  body: { error: { code: string; message: string; details?: Record<string, unknown> } };
  retryAfterSeconds: number | null;
  /** A fault of ours, to be logged with its cause. */
  isFault: boolean;
}

export function failureOf(error: unknown): Failure {
  const app = asAppError(error);
  if (app) return ofAppError(app);
  if (error instanceof TRPCError) return ofTrpcError(error);
  return ofAppError(new AppError("INTERNAL", "Something went wrong on our side. It has been logged."));
}

function ofAppError(error: AppError): Failure {
  const { reason, details, retryAfterSeconds } = error.extra;
  const isFault = error.code === "INTERNAL";
  return {
    status: httpStatus[error.code],
    body: {
      error: {
        code: reason ?? (isFault ? "internal" : error.code.toLowerCase()),
        message: error.message,
        ...(details ? { details } : {}),
      },
    },
    retryAfterSeconds: retryAfterSeconds ?? null,
    isFault,
  };
}

function ofTrpcError(error: TRPCError): Failure {
  const status = getHTTPStatusCodeFromError(error);
  // an answer that does not fit its own contract is our fault, not the caller's
  const issues = error.cause instanceof ZodError && status < 500 ? issuesOf(error.cause) : null;
  const first = issues?.[0];
  const message = first ? `${first.path || "The input"}: ${first.message}` : publicMessage(error);
  return {
    status,
    body: {
      error: {
        code: status >= 500 ? "internal" : issues ? "invalid_input" : error.code.toLowerCase(),
        message,
        ...(issues ? { details: { issues } } : {}),
      },
    },
    retryAfterSeconds: null,
    isFault: status >= 500,
  };
}

/** Answers with the error envelope and logs what was our fault. */
export function sendFailure(res: Response, error: unknown): void {
  const failure = failureOf(error);
  const { id, log } = stateOf(res);
  if (failure.isFault || failure.status >= 500)
    log.error({ err: causeOf(error) }, failure.body.error.message);
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (failure.retryAfterSeconds !== null) res.setHeader("Retry-After", String(failure.retryAfterSeconds));
  if (failure.status === 401) res.setHeader("WWW-Authenticate", 'Bearer realm="Jarvis360"');
  res.setHeader("Cache-Control", "no-store");
  const body = failure.isFault
    ? { error: { ...failure.body.error, details: { request_id: id } } }
    : failure.body;
  res.status(failure.status).json(body);
}

const causeOf = (error: unknown): unknown =>
  (error instanceof TRPCError || isAppError(error)) && error.cause !== undefined ? error.cause : error;

/** The last resort of the whole server: programs get the envelope, people a plain page. */
export const handleFailure: ErrorRequestHandler = (error, req, res, _next) => {
  const wantsPage = !/^\/(api|trpc)(\/|$)/.test(req.path) && req.accepts(["json", "html"]) === "html";
  if (!wantsPage || res.headersSent) {
    sendFailure(res, error);
    return;
  }
  const { status, body, retryAfterSeconds, isFault } = failureOf(error);
  const { id, log } = stateOf(res);
  if (isFault || status >= 500) log.error({ err: causeOf(error) }, body.error.message);
  if (retryAfterSeconds !== null) res.setHeader("Retry-After", String(retryAfterSeconds));
  res.status(status).setHeader("Cache-Control", "no-store");
  res.type("html").send(plainPage(body.error.message, id));
};

const plainPage = (message: string, id: string) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jarvis360</title><h1>${escapeHtml(message)}</h1><p>Request ${id}. <a href="/">Back to the start</a></p></html>
`;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
