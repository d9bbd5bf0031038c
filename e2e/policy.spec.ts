import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, metricValue, openDemo, test, visit } from "./fixtures.ts";

const difference = (page: Page, metric: string) => page.locator(`[data-difference="${metric}"]`);
const inForce = (page: Page, title: string) => page.getByRole("heading", { name: title, exact: true });

/** The last day of the month before this one: the last that is complete. */
function lastMonthsEnd(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0)).toISOString().slice(0, 10);
}

async function preview(page: Page, preset: string): Promise<void> {
  await page.getByRole("radio", { name: preset }).check();
  await page.getByRole("button", { name: "Preview the difference" }).click();
  await expect(page.getByRole("heading", { name: `What ${preset}’s rules would change` })).toBeVisible();
}

test("somebody sees what another vendor’s rules would change on their own numbers, switches, and switches back", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await openDemo(page);
  await page.getByRole("link", { name: /^Jarvis policy v\d+$/ }).click();
  await expect(page).toHaveURL(/\/settings\/policy$/);
  await expect(inForce(page, "Jarvis policy v1")).toBeVisible();

  await preview(page, "ChartMogul");
  await expect(page.getByText("nothing has changed yet")).toBeVisible();
  const values = await difference(page, "mrr").locator("[data-value]").all();
  const [now, proposed] = await Promise.all(values.map((value) => value.getAttribute("data-value")));
  expect(Number(proposed)).toBeGreaterThan(Number(now));
  await expect(difference(page, "mrr")).toContainText("+$");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Switch to ChartMogul’s rules" }).click();
  await expect(page.getByRole("status").getByText("ChartMogul policy v2 is in force")).toBeVisible();
  await expect(page.getByRole("link", { name: "See which closed months moved" })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "ChartMogul policy v2" })).toContainText("by ");
  await expectAccessible(page);

  // the promised number is the one that the dashboard shows, and its card and file name the policy
  await visit(page, `/?as_of=${lastMonthsEnd()}`);
  expect(await metricValue(page, "mrr")).toBe(Number(proposed));
  const card = page.getByRole("region", { name: "MRR movements", exact: true });
  await expect(card).toContainText("ChartMogul policy v2");
  await card.hover();
  await card.locator("summary").click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).first().click();
  const rows = (await readFile(await (await downloading).path(), "utf8")).trimEnd().split("\r\n");
  expect(rows[0]).toMatch(/,policy$/);
  expect(rows.at(-1)).toMatch(/,ChartMogul policy v2$/);

  await visit(page, "/settings/policy");
  await preview(page, "Jarvis");
  await page.getByRole("button", { name: "Switch to Jarvis’s rules" }).click();
  await expect(inForce(page, "Jarvis policy v3")).toBeVisible();
  await visit(page, `/?as_of=${lastMonthsEnd()}`);
  expect(await metricValue(page, "mrr")).toBe(Number(now));
});

test("a single rule can be tried, and is told in a sentence before anything is saved", async ({ page }) => {
  await openDemo(page);
  await visit(page, "/settings/policy");
  await page.getByText("Change single rules").click();
  await page.getByLabel("Usage revenue").selectOption({ label: "Average of three months" });
  await expect(page.getByText("add the mean usage revenue of the last three complete months")).toBeVisible();
  await page.getByRole("button", { name: "Preview the difference" }).click();
  await expect(difference(page, "arr")).toBeVisible();
  await expect(page.getByText(/The same in all months: .*Customers/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Keep the present rules" }).click();
  await expect(difference(page, "arr")).toHaveCount(0);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the difference is a page like any other", async ({ page }) => {
    await page.goto("/login");
    await page.getByRole("button", { name: "Open the demo" }).click();
    await expect(async () => {
      await page.goto("/settings/policy");
      await page.getByRole("radio", { name: "ProfitWell" }).check();
      await page.getByRole("button", { name: "Preview the difference" }).click();
      await expect(difference(page, "mrr")).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 40_000 });
  });
});
