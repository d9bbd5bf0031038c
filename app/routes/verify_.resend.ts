import { redirect } from "@remix-run/node";
import { submitted } from "../lib/guard.server.ts";

/** Mails the confirmation link once more; without scripts the reader lands on the start page. */
export const action = submitted(async ({ request, context }) => {
  await context.trpc.account.resendVerification();
  return request.headers.get("sec-fetch-mode") === "navigate" ? redirect("/") : { ok: true };
});

export const loader = () => redirect("/");
