import { type ActionFunctionArgs, data, redirect } from "@remix-run/node";
import { fieldText } from "../lib/form-fields.ts";
import { safeNext } from "../lib/safe-next.ts";
import { isTheme, themeCookie } from "../lib/theme.ts";

/** Keeps the chosen theme; without scripts the reader goes back to where the switch was. */
export const action = async ({ request }: ActionFunctionArgs) => {
  const form = await request.formData();
  const theme = form.get("theme");
  if (!isTheme(theme)) throw data({ message: "There is no such theme." }, { status: 400 });
  const headers = { "Set-Cookie": themeCookie(theme) };
  const back = fieldText(form, "back");
  return request.headers.get("sec-fetch-mode") === "navigate"
    ? redirect(safeNext(back), { headers })
    : data({ theme }, { headers });
};

export const loader = () => redirect("/");
