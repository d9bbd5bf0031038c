import type { AppLoadContext } from "@remix-run/node";
import { redirect } from "@remix-run/node";
import { fieldText } from "../../lib/form-fields.ts";

/** What the forms of a source's page ask for, by `intent`. @returns what was done, in words */
export async function changeSource(
  trpc: AppLoadContext["trpc"],
  id: string,
  form: FormData,
): Promise<{ saved: string | null }> {
  switch (fieldText(form, "intent")) {
    case "sync":
      await trpc.sources.sync({ id });
      return { saved: "Looking for changes now." };
    case "pause":
      await trpc.sources.pause({ id });
      return { saved: "Paused. Nothing is read until you resume." };
    case "resume":
      await trpc.sources.resume({ id });
      return { saved: "Going on where it was." };
    case "rename":
      await trpc.sources.update({ id, name: fieldText(form, "name").trim() });
      return { saved: "Renamed." };
    case "key":
      await trpc.sources.update({ id, credentials: { api_key: fieldText(form, "api_key").trim() } });
      return { saved: "The key was replaced, and reading goes on." };
    case "webhook": {
      const secrets = form
        .getAll("secret")
        .flatMap((value) => (typeof value === "string" && value.trim() !== "" ? [value.trim()] : []));
      await trpc.sources.setWebhookSecrets({ id, secrets });
      return { saved: "Saved. Changes arrive at once from now on." };
    }
    case "disconnect":
      await trpc.sources.delete({ id, data: fieldText(form, "data") === "remove" ? "remove" : "keep" });
      throw redirect("/sources");
    default:
      return { saved: null };
  }
}
