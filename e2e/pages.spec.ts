import { expect, expectAccessible, openDemo, test } from "./fixtures.ts";

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

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("pages for strangers are accessible", async ({ page }) => {
      for (const path of strangers) {
        await page.goto(path);
        await expect(page.getByRole("heading").first()).toBeVisible();
        await expectAccessible(page);
      }
    });

    test("pages for members are accessible", async ({ page }) => {
      // there are many
      test.slow();
      // one look at each of many pages
      test.setTimeout(180_000);
      await openDemo(page);
      for (const path of insiders) {
        await page.goto(path);
        await expect(page.getByRole("heading").first()).toBeVisible();
        await expectAccessible(page);
      }
    });
  });
}

test("a stranger is asked to sign in and then gets what they wanted", async ({ page }) => {
  await page.goto("/sources");
  await expect(page).toHaveURL(/\/login\?next=/);
});
