import type { Page } from "@playwright/test";
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

/** Between two themes colours are neither the one nor the other for a moment. */
const colorsSettled = (page: Page): Promise<unknown> =>
  page.evaluate(() => {
    const transitions = document.getAnimations().filter((one) => one instanceof CSSTransition);
    return Promise.allSettled(transitions.map(({ finished }) => finished.then(() => null)));
  });

async function expectAccessiblePages(page: Page, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await colorsSettled(page);
    await expectAccessible(page);
  }
}

test("pages for strangers are accessible, light and dark", async ({ page }) => {
  await expectAccessiblePages(page, strangers);
});

test("pages for members are accessible, light and dark", async ({ page }) => {
  // two looks at each of many pages
  test.setTimeout(240_000);
  await openDemo(page);
  await expectAccessiblePages(page, insiders);
});

test("a stranger is asked to sign in and then gets what they wanted", async ({ page }) => {
  await page.goto("/sources");
  await expect(page).toHaveURL(/\/login\?next=/);
});
