import { redirect } from "@remix-run/node";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";

export const action = submitted(async ({ request, context }) => {
  const to = fieldText(await request.formData(), "to");
  if (context.signedIn) await context.trpc.account.signOut();
  return redirect(to === "/signup" ? to : "/login");
});

export const loader = () => redirect("/");
