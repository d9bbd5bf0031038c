import { callTRPCProcedure } from "@trpc/server";
import { type Request, type Response, Router } from "express";
import { AppError } from "#root/errors.ts";
import { sendFailure } from "./http/failure.ts";
import { parseJson, readJsonText } from "./http/json-body.ts";
import { contextOf, stateOf } from "./http/request-state.ts";
import { openApiDocument } from "./openapi.ts";
import { chargeRequest } from "./rate-limits.ts";
import { matchRoute, queryInput, type RestRoute, restRoutes } from "./rest-routes.ts";
import { appRouter } from "./router.ts";
import { uploadRoute } from "./upload-route.ts";

/** What answers beside the procedures, so that Allow leaves nothing out. */
const besideProcedures = new Map([
  ["/uploads", "POST"],
  ["/openapi.json", "GET"],
]);

const takesBody = new Set(["POST", "PATCH", "PUT"]);

/** `/api/v1`: the same procedures as tRPC, addressed by the method and path of their `meta`. */
export function restApi(options: { jsonBytes: number }): Router {
  const routes = restRoutes(appRouter);
  const router = Router();
  router.use((_req, res, next) => {
    res.setHeader("Cache-Control", "no-store");
    next();
  });
  router.get("/openapi.json", (_req, res) => {
    res.json(openApiDocument(stateOf(res).origin));
  });
  router.post("/uploads", uploadRoute(contextOf));
  router.use((req, res) => {
    serve(routes, options.jsonBytes, req, res).catch((error: unknown) => sendFailure(res, error));
  });
  return router;
}

async function serve(routes: RestRoute[], jsonBytes: number, req: Request, res: Response): Promise<void> {
  const [path = "", query = ""] = req.url.split(/\?(.*)/s, 2);
  const method = req.method === "HEAD" ? "GET" : req.method;
  const match = matchRoute(routes, method, path);
  const beside = besideProcedures.get(path.replace(/\/+$/, ""));
  if (match.kind === "unknown" && !beside)
    throw new AppError("NOT_FOUND", `There is no ${req.method} ${clip(req.baseUrl + path)}. See /api/docs.`);
  if (match.kind !== "found") {
    const allowed = [...(match.kind === "wrong_method" ? match.allowed : []), ...(beside ? [beside] : [])];
    res.setHeader("Allow", allowed.join(", "));
    res.status(405).json({
      error: {
        code: "method_not_allowed",
        message: `${req.method} is not possible here, ${allowed.join(" or ")} is.`,
      },
    });
    return;
  }
  const { route, params } = match;
  const body = takesBody.has(method) ? await jsonBody(req, jsonBytes) : queryInput(route, query);
  const ctx = await contextOf(res);
  await chargeRequest(ctx, 1);
  const input = { ...body, ...params };
  const output: unknown = await callTRPCProcedure({
    router: appRouter,
    path: route.name,
    type: route.type,
    ctx,
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  });
  res.status(route.status).json(output);
}

async function jsonBody(req: Request, maxBytes: number): Promise<Record<string, unknown>> {
  const text = await readJsonText(req, maxBytes);
  if (text === null) return {};
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new AppError("BAD_REQUEST", "The body must be a JSON object.", { reason: "invalid_json" });
  return { ...body };
}

const clip = (path: string) => (path.length > 200 ? `${path.slice(0, 200)}…` : path);
