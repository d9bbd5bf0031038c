import type { ActionFunctionArgs } from "@remix-run/node";
import { fieldText } from "../../lib/form-fields.ts";

/** What the forms of a customer's page do: whom it counts as, and whether it counts. */
export async function changeCustomer({ request, params, context }: ActionFunctionArgs) {
  const id = params.id ?? "";
  const form = await request.formData();
  switch (fieldText(form, "intent")) {
    case "merge": {
      const { merged_into } = await context.trpc.customers.merge({ id, into: fieldText(form, "into") });
      return { saved: `This customer counts as ${merged_into} from now on.` };
    }
    case "split": {
      const { split, from } = await context.trpc.customers.split({ id: fieldText(form, "customer") || id });
      return { saved: `${split.join(", ")} no longer counts as ${from}.` };
    }
    case "include":
      await context.trpc.exclusions.delete({ id: fieldText(form, "exclusion") });
      return { saved: "The customer counts in every number again." };
    default:
      await context.trpc.exclusions.create({
        kind: "customer",
        id,
        reason: fieldText(form, "reason") === "other" ? fieldText(form, "words") : fieldText(form, "reason"),
      });
      return { saved: "The customer counts in no number from now on." };
  }
}
