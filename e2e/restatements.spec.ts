import { expect, expectAccessible, metricValue, test, visit } from "./fixtures.ts";
import { dropFile, monthBefore, signUp } from "./own-organisation.ts";

const header = "customer_id,subscription_id,amount,started_at\n";

/** “March moved by −$420 because import #17 changed 3 rows”, and back again. */
test("an import that changes closed months says so on the dashboard and in the log, and so does its undo", async ({
  page,
}) => {
  await signUp(page, "ada@restated.example", "Restated Tools");
  await visit(page, "/restatements");
  await expect(page.getByRole("heading", { name: "No closed month has moved" })).toBeVisible();
  await expectAccessible(page);

  const [start, other] = [`${monthBefore(6)}-05`, `${monthBefore(2)}-05`];
  await visit(page, "/sources");
  await dropFile(page, "first.csv", `${header}a,s1,500,${start}\nb,s2,300,${other}\n`);
  await expect(page.getByText("2 rows imported as subscriptions")).toBeVisible();
  await visit(page, "/");
  expect(await metricValue(page, "mrr")).toBe(800);
  await expect(page.locator("a[data-restated]")).toHaveCount(0);

  await visit(page, "/sources");
  await dropFile(page, "corrected.csv", `${header}b,s2,180,${other}\n`);
  await expect(page.getByText("It moved 2 closed months")).toBeVisible();
  const upload = page.url();
  await visit(page, "/");
  expect(await metricValue(page, "mrr")).toBe(680);
  await expect(page.locator("a[data-restated]")).toContainText("2 months restated");
  const movements = page.locator("[data-widget]").filter({ hasText: "MRR movements" });
  await expect(movements.locator("[data-marked]")).toHaveCount(2);
  await expect(movements.locator(`[data-marked="${monthBefore(2)}"]`)).toBeAttached();
  await expect(movements.getByRole("link", { name: /Restated on .*: MRR −\$120/ })).toHaveCount(2);
  await expectAccessible(page);

  await page.locator("a[data-restated]").click();
  await expect(page).toHaveURL(/\/restatements$/);
  const entries = page.locator("ol > li");
  await expect(entries).toHaveCount(1);
  await expect(entries.first()).toContainText("The import of “corrected.csv” changed 1 row");
  await expect(entries.first()).toContainText("ada@restated.example");
  await expect(entries.first().getByRole("row")).toHaveCount(3);
  await expect(entries.first().getByRole("row").nth(1)).toContainText(/\$800.*\$680.*−\$120/);
  await page.getByLabel("Month that moved").selectOption(monthBefore(2));
  await expect(page).toHaveURL(new RegExp(`month=${monthBefore(2)}`));
  await expect(entries).toHaveCount(1);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "light" });
  const desktop = page.viewportSize()!;
  await page.setViewportSize({ width: 390, height: 844 });
  // a wide table scrolls in its place, not the page
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.setViewportSize(desktop);
  await page.getByRole("link", { name: "Open corrected.csv" }).click();
  await expect(page).toHaveURL(upload);

  await page.getByRole("button", { name: "Undo import" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Undo import" }).click();
  await expect(page.getByText("The import was undone")).toBeVisible();
  await visit(page, "/");
  expect(await metricValue(page, "mrr")).toBe(800);
  await expect(page.locator("a[data-restated]")).toHaveCount(0);
  await expect(page.locator("[data-marked]")).toHaveCount(0);
  await visit(page, "/restatements");
  await expect(entries).toHaveCount(2);
  await expect(entries.first()).toContainText("The import of “corrected.csv” was undone");
  await expect(entries.first()).toContainText("ada@restated.example");
  await expect(entries.first().getByRole("row").nth(1)).toContainText(/\$680.*\$800.*\+\$120/);
});

test("the log can be read without scripts", async ({ browser, baseURL, page }) => {
  await signUp(page, "grace@restated.example", "Plain Tools");
  await visit(page, "/sources");
  await dropFile(page, "first.csv", `${header}a,s1,500,${monthBefore(4)}-05\n`);
  await expect(page.getByText("1 row imported as subscriptions")).toBeVisible();
  await visit(page, "/sources");
  await dropFile(page, "second.csv", `${header}b,s2,20,${monthBefore(1)}-05\n`);
  await expect(page.getByText("It moved 1 closed month")).toBeVisible();

  const context = await browser.newContext({
    baseURL: baseURL ?? "",
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  const plain = await context.newPage();
  await plain.goto("/");
  await expect(plain.locator("a[data-restated]")).toContainText("restated");
  await expect(plain.locator(`[data-marked="${monthBefore(1)}"]`).first()).toBeAttached();
  await plain.locator("a[data-restated]").click();
  await expect(plain).toHaveURL(new RegExp(`month=${monthBefore(1)}`));
  await expect(plain.getByRole("row").nth(1)).toContainText(/\$500.*\$520.*\+\$20/);
  await context.close();
});
