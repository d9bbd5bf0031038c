import { TRPCError } from "@trpc/server";
import { createExpressMiddleware } from "@trpc/server/adapters/express";
import { type RequestHandler, Router } from "express";
import { AppError } from "#root/errors.ts";
import { asAppError } from "../fault.ts";
import { chargeRequest } from "../rate-limits.ts";
import { appRouter } from "../router.ts";
import { trpcCode } from "../trpc.ts";
import { failureOf, sendFailure } from "./failure.ts";
import { readJsonText, requireHarmlessJson } from "./json-body.ts";
import { contextOf, stateOf } from "./request-state.ts";

const maxBatch = 20;
/** A page of another origin cannot add a header without asking first, and is told no. */
export const trpcHeader = "x-trpc-source";

/** `/trpc`: JSON only, batches of at most 20 calls, each of which counts. */
export function trpcApi(options: { jsonBytes: number }): Router {
  const router = Router();
  router.use((_req, res, next) => {
    res.setHeader("Cache-Control", "no-store");
    next();
  });
  router.use(checkCall(options.jsonBytes));
  router.use(
    createExpressMiddleware({
      router: appRouter,
      maxBatchSize: maxBatch,
      maxBodySize: options.jsonBytes,
      async createContext({ res }) {
        try {
          return await contextOf(res);
        } catch (error) {
          const known = asAppError(error);
          if (!known) throw error;
          throw new TRPCError({ code: trpcCode[known.code], message: known.message, cause: known });
        }
      },
      onError({ error, path, ctx }) {
        const failure = failureOf(error);
        if (failure.isFault) ctx?.log.error({ err: error.cause ?? error, path }, "a procedure failed");
      },
      responseMeta({ errors }) {
        const seconds = errors
          .map((error) => asAppError(error)?.extra.retryAfterSeconds ?? 0)
          .reduce((a, b) => Math.max(a, b), 0);
        return { headers: seconds > 0 ? { "retry-after": String(seconds) } : {} };
      },
    }),
  );
  return router;
}

/** Counts, measures and reads a call before tRPC sees it. */
const checkCall =
  (jsonBytes: number): RequestHandler =>
  (req, res, next) => {
    const check = async () => {
      // counted here: tRPC meets the context only after it has taken the path apart
      const calls = req.path.split(",").length;
      if (calls > maxBatch) throw new AppError("BAD_REQUEST", `At most ${maxBatch} calls in one request.`);
      if (req.method === "POST") {
        if (!req.headers[trpcHeader])
          throw new AppError("FORBIDDEN", `A call needs the header ${trpcHeader}.`, {
            reason: "header_missing",
          });
        req.body = (await readJsonText(req, jsonBytes)) ?? undefined;
      } else {
        const input = new URLSearchParams(req.url.split("?")[1] ?? "").get("input");
        if (input) requireHarmlessJson(input);
      }
      await chargeRequest(await contextOf(res), calls);
    };
    check().then(
      () => next(),
      (error: unknown) => {
        stateOf(res).log.debug({ err: error }, "a call was refused");
        sendFailure(res, error);
      },
    );
  };
