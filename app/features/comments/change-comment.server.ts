import type { ActionFunctionArgs } from "@remix-run/node";
import { redirect } from "@remix-run/node";
import { fieldText } from "../../lib/form-fields.ts";

/** What the inbox's forms ask for where there are no scripts. */
export async function changeComment({ request, context }: ActionFunctionArgs) {
  const { comments } = context.trpc;
  const form = await request.formData();
  const [id, text] = [fieldText(form, "id"), fieldText(form, "text")];
  switch (fieldText(form, "intent")) {
    case "reply":
      await comments.create({ parent_id: id, text });
      break;
    case "resolve":
      await comments.update({ id, resolved: true });
      break;
    case "reopen":
      await comments.update({ id, resolved: false });
      break;
  }
  const { pathname, search } = new URL(request.url);
  throw redirect(`${pathname.replace(/\.data$/, "")}${search}`);
}
