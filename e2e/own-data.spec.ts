import { expect, expectAccessible, metricValue, test, visit } from "./fixtures.ts";
import { dropFile, monthBefore, password, signUp } from "./own-organisation.ts";

/** Every customer pays 100 a month from the 5th of one of ten months on; two columns have names of their own. */
function csv(customers: number): string {
  const rows = Array.from(
    { length: customers },
    (_, index) =>
      `K-${index + 1},Customer ${index + 1},${index % 3 === 0 ? "Gold" : "Silver"},100,${monthBefore((index % 10) + 1)}-05`,
  );
  return `who,customer_name,plan,monthly_fee,started_at\n${rows.join("\n")}\n`;
}

/** Walk A, second half. */
test("somebody with data signs up, drops a CSV, maps two columns and sees their numbers, also after a restart", async ({
  page,
  product,
}) => {
  test.setTimeout(120_000);
  await signUp(page, "ada@northwind.example");
  await expectAccessible(page);

  await dropFile(page, "subscriptions.csv", csv(240));
  await expect(page.getByText("This file needs an answer from you")).toBeVisible();
  const upload = page.url();
  expect(upload).toMatch(/\/uploads\/[0-9a-f-]{36}/);
  await expectAccessible(page);
  // gone away in the middle, one is led back to the question
  await visit(page, "/");
  await page.getByRole("link", { name: "subscriptions.csv Needs your answer" }).click();
  await expect(page.getByText("This file needs an answer from you")).toBeVisible();
  await page.getByLabel("Meaning of the column who").selectOption("customer_id");
  await page.getByLabel("Meaning of the column monthly_fee").selectOption("amount");
  await page.getByRole("button", { name: /^Import as/ }).click();
  await expect(page.getByText("240 rows imported as subscriptions")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: "See the dashboard" }).click();
  await expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", "24000");
  expect(await metricValue(page, "arr")).toBe(288_000);
  expect(await metricValue(page, "customers")).toBe(240);
  await expect(page.locator(`[data-cohort="${monthBefore(8)}"][data-period="2"]`).first()).toBeAttached();
  await expectAccessible(page);

  // nobody looks meanwhile: live.spec.ts tells what a page does that is open when the server goes
  await page.goto("about:blank");
  await product.restart();
  await visit(page, "/");
  expect(await metricValue(page, "arr")).toBe(288_000);

  await visit(page, upload);
  await page.getByRole("button", { name: /undo/i }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /undo/i }).click();
  await expect(page.getByText("The import was undone")).toBeVisible();
  await visit(page, "/");
  await expect(page.getByRole("heading", { name: "Your numbers start here" })).toBeVisible();
});

test("a dashboard is shaped before there is data; its cards fill with the first import, the editor open", async ({
  page,
}) => {
  await signUp(page, "joan@northwind.example");
  await page.getByRole("button", { name: "Shape the dashboard" }).click();
  await expect(page.getByRole("toolbar", { name: "Edit the dashboard" })).toBeVisible();
  const steps = page.getByRole("region", { name: "Numbers are still to come" });
  await expect(steps.getByRole("link", { name: "Upload a CSV" })).toBeVisible();
  await expect(steps.getByRole("link", { name: "Connect Stripe" })).toBeVisible();
  await expect(steps.getByRole("button", { name: "Look at the demo" })).toBeVisible();
  await expect(page.locator('[data-widget="arr"]')).toContainText("No numbers yet");
  await expect(page.locator('[data-save="saved"]')).toBeVisible();
  await page.getByRole("textbox", { name: "Title of the dashboard" }).fill("Board numbers");
  await expectAccessible(page);
  const form = {
    file: {
      name: "a.csv",
      mimeType: "text/csv",
      buffer: Buffer.from("customer_id,amount,started_at\na,10,2025-01-01\n"),
    },
  };
  const sent = await page.request.post("/api/v1/uploads", {
    multipart: form,
    headers: { origin: new URL(page.url()).origin },
  });
  expect(sent.status()).toBe(202);
  await expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", "10");
  await expect(steps).toHaveCount(0);
  // whoever shapes it goes on
  await expect(page.getByRole("toolbar", { name: "Edit the dashboard" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Title of the dashboard" })).toHaveValue("Board numbers");
});

test("rejected rows are listed with line, column, value and reason, and the good ones are imported", async ({
  page,
}) => {
  await signUp(page, "grace@northwind.example");
  await visit(page, "/sources");
  const text = "customer_id,amount,started_at\na,10,2025-01-01\nb,ten,2025-01-01\nc,30,2025-01-01\n";
  await dropFile(page, "mixed.csv", text);
  await expect(page.getByText("2 rows imported as subscriptions")).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "ten" });
  await expect(row).toContainText("3");
  await expect(row).toContainText("amount");
  await expectAccessible(page);
  await visit(page, "/");
  expect(await metricValue(page, "mrr")).toBe(40);
});

test("amounts in a currency without rates are no silence: what is missing is said, and where to give it", async ({
  page,
}) => {
  await signUp(page, "erika@northwind.example");
  await visit(page, "/sources");
  await dropFile(page, "euro.csv", "customer_id,amount,currency,started_at\na,10,EUR,2025-01-01\n");
  await expect(page.getByText("1 row imported as subscriptions")).toBeVisible();
  const missing = page.getByText("Amounts are in a currency that has no exchange rate to USD");
  await expect(missing).toBeVisible();
  await visit(page, "/");
  await expect(missing).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Count in another currency" }).click();
  await expect(page).toHaveURL(/\/settings\/organisation/);
});

test("where some amounts have no rate, pages say that what they show is not all, and a rate written by hand completes them", async ({
  page,
}) => {
  await signUp(page, "carla@northwind.example");
  await visit(page, "/sources");
  const rows = ["a,10,USD,2025-01-01", "b,20,EUR,2025-01-01"];
  await dropFile(page, "two.csv", `customer_id,amount,currency,started_at\n${rows.join("\n")}\n`);
  await expect(page.getByText("2 rows imported as subscriptions")).toBeVisible();
  const missing = page.getByText("Some amounts are in a currency that has no exchange rate to USD");
  for (const path of ["/", "/cohorts", "/customers"]) {
    await visit(page, path);
    await expect(missing).toBeVisible();
    await expectAccessible(page);
  }
  await visit(page, "/customers/b");
  await expect(page.getByText("No exchange rate", { exact: true })).toBeVisible();
  await expect(page.getByText("What it pays has no exchange rate to USD.")).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("link", { name: "Write a rate by hand" }).click();
  await page.getByRole("button", { name: "Add a rate" }).click();
  const dialog = page.getByRole("dialog", { name: "Add an exchange rate" });
  await dialog.getByLabel("From this day on").fill("2025-01-01");
  await dialog.getByLabel("Rate", { exact: true }).fill("1.5");
  await dialog.getByLabel("From", { exact: true }).fill("EUR");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await visit(page, "/");
  await expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", "40");
  await expect(missing).toHaveCount(0);
});

test("an account is deleted by whoever knows its password, with the organisation that nobody else belongs to", async ({
  page,
}) => {
  await signUp(page, "vera@northwind.example", "Vera’s shop");
  await visit(page, "/settings");
  await page.getByRole("button", { name: "Delete account…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete your account?" });
  await expect(dialog).toContainText("Vera’s shop");
  await expectAccessible(page);
  await dialog.getByLabel("Your password").fill("not the password at all");
  await dialog.getByRole("button", { name: "Delete vera@northwind.example" }).click();
  await expect(dialog).toContainText("The password is not right.");
  await dialog.getByLabel("Your password").fill(password);
  await dialog.getByRole("button", { name: "Delete vera@northwind.example" }).click();
  await expect(page).toHaveURL(/\/login/);
  await visit(page, "/settings");
  await expect(page).toHaveURL(/\/login/);
});
