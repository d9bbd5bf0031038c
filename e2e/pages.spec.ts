import type { Page } from "@playwright/test";
import { expect, expectAccessible, openDemo, test, visit } from "./fixtures.ts";

/** Every page that no other spec visits is accessible, in both themes. */
const strangers = [
  "/login",
  "/signup",
  "/forgot-password",
  "/reset-password?token=nothing",
  "/verify?token=nothing",
  "/invitation?token=nothing",
  "/no-such-page",
];
const insiders = [
  "/sources",
  "/sources/new",
  "/settings",
  "/settings/organisation",
  "/settings/policy",
  "/settings/policy?preset=chartmogul",
  "/settings/exclusions",
  "/settings/finance",
  "/settings/members",
  "/settings/tokens",
  "/settings/audit",
  "/settings/outbox",
  "/customers",
  "/cohorts",
  "/explain?metric=net_new_mrr&period=2026-03",
  "/explain?metric=ltv&period=2026-03",
  "/segments",
  "/segments/new?filter.plan=Scale",
  "/annotations",
  "/dashboards",
  "/inbox",
  "/inbox?view=all",
  "/restatements",
  "/organisations/new",
  "/mails",
  "/no-such-page",
];

/** Looks at each page in the light and in the dark; what fades between them would be seen half-way. */
async function expectAllAccessible(page: Page, paths: readonly string[]): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const path of paths) {
    await visit(page, path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
  }
}

test("pages for strangers are accessible, in the light and in the dark", async ({ page }) => {
  await expectAllAccessible(page, strangers);
});

test("pages for members are accessible, in the light and in the dark", async ({ page }) => {
  // one look at each of many pages
  test.setTimeout(180_000);
  await openDemo(page);
  await expectAllAccessible(page, insiders);
});

test("a stranger is asked to sign in and then gets what they wanted", async ({ page }) => {
  await visit(page, "/sources");
  await expect(page).toHaveURL(/\/login\?next=/);
});
