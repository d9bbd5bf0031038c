import { expect, expectAccessible, metricValue, openDemo, test, visit } from "./fixtures.ts";

const widgets = [
  "MRR movements",
  "Recurring revenue over time",
  "ARR by plan",
  "Top customers",
  "Customer retention by cohort",
  "Revenue retention by cohort",
];

/** Walk A, first half: the first minute without data of one's own. */
test.describe("somebody who only wants to look", () => {
  test("is one click away from a full dashboard", async ({ page }) => {
    await openDemo(page);
    expect(await metricValue(page, "arr")).toBeCloseTo((await metricValue(page, "mrr")) * 12, 2);
    expect(await metricValue(page, "customers")).toBeGreaterThan(200);
    for (const name of widgets) await expect(page.getByRole("region", { name, exact: true })).toBeVisible();
    await expect(page.locator("[data-cohort][data-period]").first()).toBeVisible();
    await expectAccessible(page);
  });

  test("sees the same in the dark", async ({ page }) => {
    await page.emulateMedia({ colorScheme: "dark" });
    await openDemo(page);
    await expectAccessible(page);
  });

  test("can use a phone", async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openDemo(page);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    const legend = page.getByRole("list", { name: "Legend" }).getByRole("button");
    const { bottom } = await page
      .getByRole("list", { name: "Legend" })
      .evaluate((list) => list.getBoundingClientRect());
    for (const entry of await legend.all())
      expect(await entry.evaluate((one) => one.getBoundingClientRect().bottom)).toBeLessThanOrEqual(bottom);
    await expectAccessible(page);
    await visit(page, "/customers");
    await expect(page.getByRole("columnheader", { name: "MRR" })).toBeInViewport({ ratio: 1 });
    await expectAccessible(page);
    await visit(page, "/settings/outbox");
    const settings = page.getByRole("navigation", { name: "Settings" });
    await expect(settings.getByRole("link", { name: "Outbox" })).toBeInViewport({ ratio: 0.9 });
  });

  test("narrows the numbers with a filter that the address keeps", async ({ page }) => {
    await openDemo(page);
    const all = await metricValue(page, "mrr");
    await visit(page, "/?filter.plan=Scale");
    const some = await metricValue(page, "mrr");
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(all);
  });

  /** A press on a choice's text gave the focus to the page, which closed the list before the choice was made. */
  test("chooses by mouse in a list of the filter bar, at its text", async ({ page }) => {
    await openDemo(page);
    await page.locator("summary", { hasText: "Grain" }).click();
    await page.getByText("Week", { exact: true }).click();
    await expect(page).toHaveURL(/grain=week/);
  });

  test("follows a top customer to its own page", async ({ page }) => {
    await openDemo(page);
    await page.locator('a[href^="/customers/"]').first().click();
    await expect(page).toHaveURL(/\/customers\//);
    await expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", /^\d/);
    await expectAccessible(page);
  });
});

/** A card's menu button used to float over the bar when its card was half under it. */
test("what is scrolled away goes under the bar", async ({ page }) => {
  await openDemo(page);
  const menu = page.locator('[data-widget="movements"] summary');
  await menu.focus();
  const top = await menu.evaluate((button) => {
    window.scrollBy({ top: button.getBoundingClientRect().top - 20, behavior: "instant" });
    const { x, y, width, height } = button.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2)?.closest("header, summary")?.localName;
  });
  expect(top).toBe("header");
});

/** Charts that the server drew for a smaller window stood in the middle of their cards until somebody moved the mouse. */
test("a first look in a wide window fills its cards before anybody moves", async ({ page, context }) => {
  await openDemo(page);
  await context.clearCookies({ name: "grid" });
  await page.setViewportSize({ width: 1680, height: 900 });
  await visit(page, "/");
  const chart = page.locator('[data-widget="over-time"] svg[viewBox]').first();
  await expect
    .poll(() =>
      chart.evaluate((svg: SVGSVGElement) => svg.viewBox.baseVal.width - svg.getBoundingClientRect().width),
    )
    .toBeCloseTo(0, -1);
});

/** Cards that were left behind unfinished were reported on the next page (React's error 421), on which the page fixture fails. */
test("goes on before the cards' code has come", async ({ page }) => {
  await openDemo(page);
  let send = () => {};
  const wanted = new Promise<void>((resolve) => {
    send = resolve;
  });
  await page.route(/(?<!lazy)-body-[^/]*\.js$/, async (route) => {
    await wanted;
    await route.continue();
  });
  await visit(page, "/");
  await page.getByRole("navigation").getByRole("link", { name: "Customers" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Customers" })).toBeVisible();
  send();
  await page.waitForLoadState("networkidle");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("numbers and charts are in the page as it arrives", async ({ page }) => {
    await page.goto("/login");
    await page.getByRole("button", { name: "Open the demo" }).click();
    await expect(async () => {
      await page.goto("/");
      expect(await metricValue(page, "arr")).toBeGreaterThan(1_000_000);
    }).toPass({ timeout: 30_000 });
    expect(await page.locator("main svg").count()).toBeGreaterThan(3);
    await expect(page.locator("[data-cohort][data-period]").first()).toBeAttached();
  });
});
