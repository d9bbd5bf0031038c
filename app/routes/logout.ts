import { redirect } from "@remix-run/node";
import { submitted } from "../lib/guard.server.ts";

export const action = submitted(async ({ context }) => {
  if (context.signedIn) await context.trpc.account.signOut();
  return redirect("/login");
});

export const loader = () => redirect("/");
