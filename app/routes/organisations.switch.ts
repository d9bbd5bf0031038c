import { redirect } from "@remix-run/node";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";

/** Turns the session to another organisation; everything shown belongs to the old one, so it begins at the start page. */
export const action = submitted(async ({ request, context }) => {
  await context.trpc.org.switch({ id: fieldText(await request.formData(), "id") });
  return redirect("/");
});

export const loader = () => redirect("/");
