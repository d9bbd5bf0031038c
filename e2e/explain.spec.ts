import { expect, expectAccessible, openDemo, test, visit } from "./fixtures.ts";

/** Any number can be opened, and followed down to the line of the file that it came from. */

test("a cohort cell leads to its members, and a member to the line of the file", async ({ page }) => {
  await openDemo(page);
  const cell = page.locator('[data-cohort][data-period="2"]').first();
  const value = await cell.getAttribute("data-value");
  await cell.click();
  await expect(page).toHaveURL(
    /\/explain\?metric=cohort&cohort=\d{4}-\d{2}&k=2&grain=month&basis=first_payment/,
  );
  await expect(page.locator("main [data-value]").first()).toHaveAttribute("data-value", value ?? "");
  await expect(page.getByRole("heading", { name: "Members" })).toBeVisible();
  await expectAccessible(page);

  const source = page.locator("[data-source-line]").first();
  const line = Number(await source.getAttribute("data-source-line"));
  const customer = await page.locator('main tbody a[href^="/customers/"]').first().getAttribute("href");
  await source.click();
  await expect(page).toHaveURL(new RegExp(`/uploads/[0-9a-f-]+/lines/${line}$`));
  const raw = page.locator(`[data-raw-line="${line}"]`);
  await expect(raw).toContainText(decodeURIComponent(customer?.split("/").at(-1) ?? "no customer"));
  await expect(page.getByRole("cell", { name: "customer_id", exact: true }).first()).toBeVisible();
  await expectAccessible(page);
});

test("a card's number is opened with the keyboard, and its formula leads further", async ({ page }) => {
  await openDemo(page);
  const shown = page.locator('[data-metric="customer_churn_rate"]').first();
  const value = (await shown.getAttribute("data-value")) ?? "";
  await page.locator('a[data-explain="customer_churn_rate"]').first().focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/explain\?metric=customer_churn_rate&period=/);
  await expect(page.locator('[data-metric="customer_churn_rate"]')).toHaveAttribute("data-value", value);
  const part = async (name: string) =>
    Number(await page.locator(`[data-part="${name}"]`).getAttribute("data-value"));
  expect((await part("lost")) / (await part("start"))).toBeCloseTo(Number(value), 12);
  await expectAccessible(page);
  await page.locator('[data-part="start"] a').click();
  await expect(page).toHaveURL(/metric=customers/);
  await expect(page.getByRole("heading", { name: "Customers", exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Back to the dashboard" }).click();
  await expect(page).toHaveURL(/\/$/);
});

test("a bar and a part of a composition lead to what they are made of, with the page's filters", async ({
  page,
}) => {
  await openDemo(page);
  await visit(page, "/?filter.country=US");
  await page.locator('[data-widget] a[data-explain="composition"]').first().click();
  await expect(page).toHaveURL(/metric=composition&by=plan&key=.*filter\.country=US/);
  await expect(page.getByText("Country US")).toBeVisible();
  await page.goBack();
  const bar = page.getByRole("region", { name: "MRR movements" }).locator("a[data-point]").nth(3);
  await bar.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/metric=net_new_mrr&period=\d{4}-\d{2}&filter\.country=US/);
  await expect(page.getByRole("heading", { name: "By kind" })).toBeVisible();
  await expectAccessible(page);
});

test("every row of an explanation can be taken as a file", async ({ page }) => {
  await openDemo(page);
  await visit(page, "/explain?metric=mrr&period=2026-03");
  const value = await page.locator('[data-metric="mrr"]').getAttribute("data-value");
  const href = await page.getByRole("link", { name: "Export CSV" }).getAttribute("href");
  const answer = await page.request.get(href ?? "");
  expect(answer.headers()["content-type"]).toContain("text/csv");
  const [head, ...lines] = (await answer.text()).trimEnd().split("\r\n");
  const place = head?.split(",").indexOf("annual_counted") ?? -1;
  // demo names hold no commas
  const annual = lines.reduce((sum, line) => sum + Number(line.split(",")[place]), 0);
  expect(lines.length).toBeGreaterThan(100);
  expect(annual / 12).toBeCloseTo(Number(value), 4);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("the first tap on a cell shows it, the second explains it, and nothing is too wide", async ({
    page,
  }) => {
    await openDemo(page);
    const cell = page.locator('[data-cohort][data-period="1"]').first();
    await cell.tap();
    await expect(page.getByText("Tap again to explain")).toBeAttached();
    await expect(page).toHaveURL(/\/$/);
    await cell.tap();
    await expect(page).toHaveURL(/metric=cohort/);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await expectAccessible(page);
  });
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("an explanation is there as the page arrives, and pages on", async ({ page }) => {
    await page.goto("/login");
    await page.getByRole("button", { name: "Open the demo" }).click();
    await expect(async () => {
      await page.goto("/explain?metric=mrr&period=2026-03");
      await expect(page.locator('[data-metric="mrr"]')).toHaveAttribute("data-value", /^\d{6}/);
    }).toPass({ timeout: 30_000 });
    const first = await page.locator("tbody tr").first().textContent();
    await page.getByRole("link", { name: "Next page" }).click();
    expect(await page.locator("tbody tr").first().textContent()).not.toBe(first);
  });
});
