import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { Failure } from "./failure.ts";
import { fieldText } from "./form-fields.ts";

/**
 * What a refused call means to the reader: the status, the words, and which fields are wrong. Null when the error is no answer of
 * ours but a fault; those go on to the error page and the log.
 */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof TRPCError) || error.code === "INTERNAL_SERVER_ERROR") return null;
  const cause: unknown = error.cause;
  const reason = reasonOf(cause);
  const issues = issuesOf(cause);
  return {
    status: getHTTPStatusCodeFromError(error),
    message: issues
      ? "Some of the values cannot be used."
      : error.message || "This did not work. Try again in a moment.",
    reason,
    fields: issues ?? {},
    typed: {},
  };
}

/** Fields by name → what is wrong with each, from a validation error anywhere in the chain. */
function issuesOf(cause: unknown): Record<string, string> | null {
  if (typeof cause !== "object" || cause === null || !("issues" in cause) || !Array.isArray(cause.issues))
    return null;
  const fields: Record<string, string> = {};
  for (const issue of cause.issues as { path?: unknown; message?: unknown }[]) {
    const path = Array.isArray(issue.path) ? issue.path.map(String).join(".") : "";
    if (!(path in fields)) fields[path] = sentence(String(issue.message ?? "cannot be used"));
  }
  return fields;
}

/** Contracts phrase what is wrong so that it follows the field's name; alone it begins with a capital and ends with a stop. */
const sentence = (text: string): string => {
  const whole = /^(must|is|are|has|have|needs?|cannot|can|does)\b/.test(text) ? `This ${text}` : text;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?]$/.test(whole) ? "" : "."}`;
};

function reasonOf(cause: unknown): string | null {
  if (typeof cause !== "object" || cause === null || !("extra" in cause)) return null;
  const { extra } = cause;
  return typeof extra === "object" && extra !== null && "reason" in extra && typeof extra.reason === "string"
    ? extra.reason
    : null;
}

/** Where somebody who is not signed in goes first, and comes back from. */
export function signInPath(request: Request): string {
  const url = new URL(request.url);
  // in-page navigation asks for a page's data: that is not where people come back to
  const path = url.pathname.replace(/^\/_root\.data$/, "/").replace(/\.data$/, "");
  url.searchParams.delete("_routes");
  const here = `${path}${url.search}`;
  return here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`;
}

/**
 * Wraps a loader: a refused call becomes the page for it (sign in, choose an organisation, 403, 404, 503), everything else
 * stays a fault.
 */
export const guarded =
  <T>(loader: (args: LoaderFunctionArgs) => Promise<T>) =>
  async (args: LoaderFunctionArgs): Promise<T> => {
    try {
      return await loader(args);
    } catch (error) {
      // redirects and answers that a loader throws on purpose are no errors
      if (!(error instanceof Error)) throw error;
      const failure = failureOf(error);
      if (!failure) throw fault(error, args);
      if (failure.status === 401) throw redirect(signInPath(args.request));
      if (failure.reason === "no_organisation") throw redirect("/welcome");
      const { requestId } = args.context;
      // an address whose id cannot be one leads nowhere, as one whose id is unknown
      if (Object.keys(failure.fields).some((name) => name in args.params))
        throw data({ requestId }, { status: 404 });
      throw data({ message: failure.message, requestId }, { status: failure.status });
    }
  };

/**
 * Wraps an action: a refusal goes back to the form as `{failure}` with its status. `keep` names the fields that come back with it
 * (never secrets), so that nothing typed is lost where there are no scripts.
 */
export const submitted =
  <T>(action: (args: ActionFunctionArgs) => Promise<T>, keep: readonly string[] = []) =>
  async (args: ActionFunctionArgs) => {
    const copy = keep.length > 0 ? args.request.clone() : null;
    try {
      return await action(args);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const known = failureOf(error);
      if (known?.status === 401 && !args.context.signedIn && !isEntrance(args.request))
        throw redirect(signInPath(args.request));
      if (!known) logFault(error, args);
      const failure = known ?? faultFailure(args.context.requestId);
      const form = copy ? await copy.formData() : new FormData();
      const typed = Object.fromEntries(keep.map((name) => [name, fieldText(form, name)]));
      return data({ failure: { ...failure, typed } }, { status: failure.status });
    }
  };

function logFault(error: Error, { request, context }: LoaderFunctionArgs | ActionFunctionArgs): void {
  if (!request.signal.aborted)
    context.log.error({ err: error, path: new URL(request.url).pathname }, "a page failed");
}

/** A fault of ours as the error page shows it: without its inside, with the id under which it was logged. */
function fault(error: Error, args: LoaderFunctionArgs) {
  logFault(error, args);
  return data({ message: null, requestId: args.context.requestId }, { status: 500 });
}

const faultFailure = (requestId: string): Failure => ({
  status: 500,
  message: `Something went wrong on our side, and it has been logged (request ${requestId}). What you typed is still here: try again in a moment.`,
  reason: null,
  fields: {},
  typed: {},
});

/** On these pages a 401 is an answer (wrong password), not a lost session. */
const isEntrance = (request: Request): boolean =>
  /^\/(login|signup|forgot-password|reset-password|verify|invitation)(\.data)?$/.test(
    new URL(request.url).pathname,
  );
