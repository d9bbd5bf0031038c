import { expect, type Page } from "@playwright/test";
import { visit } from "./fixtures.ts";

/** Somebody with an organisation and files of their own. */

export const password = "quiet harbour lantern seven";

/** `YYYY-MM`, so many months before this one: the dashboard begins with the last twelve. */
export function monthBefore(months: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 7);
}

export async function signUp(page: Page, email: string, organisation = "Northwind Tools"): Promise<void> {
  await visit(page, "/signup");
  await page.getByLabel("Your name").fill("Ada Miller");
  await page.getByLabel("Work e-mail").fill(email);
  await page.getByLabel("Organisation").fill(organisation);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Your numbers start here" })).toBeVisible();
}

/** As a person drops a file: anywhere on the page. */
export async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, text }) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: "text/csv" }));
      return data;
    },
    { name, text },
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}
