import type { Page } from "@playwright/test";
import { expect, expectAccessible, metricValue, test, visit } from "./fixtures.ts";
import type { StartedProduct } from "./started-product.ts";

test.beforeEach(() => test.setTimeout(120_000));

/** Two records of one company, an account of our own, and somebody else: 100 + 50 + 30 + 20 a month. */
const file = `customer_id,customer_name,subscription_id,plan,amount,started_at
acme-1,Acme,s1,Gold,100,2025-03-10
acme-2,Acme GmbH,s2,Gold,50,2024-11-20
ours,Our own team,s3,Gold,30,2025-01-10
beta,Beta,s4,Silver,20,2025-02-10
`;

/** An organisation with the file in it, and a browser that is signed in. */
async function enter(page: Page, product: StartedProduct, name: string): Promise<void> {
  const said = await product.cli(
    "token",
    "create",
    "--org",
    name,
    "--email",
    "ada@manage.example",
    "--role",
    "editor",
  );
  const token = said.trim();
  const headers = { authorization: `Bearer ${token}` };
  const api = `${product.url}/api/v1`;
  const sent = await page.request.post(`${api}/uploads`, {
    headers,
    multipart: { file: { name: "subscriptions.csv", mimeType: "text/csv", buffer: Buffer.from(file) } },
  });
  const { id } = await sent.json();
  await expect
    .poll(async () => (await (await page.request.get(`${api}/uploads/${id}`, { headers })).json()).status)
    .toBe("done");
  expect((await page.request.post(`${api}/session`, { data: { token } })).status()).toBe(201);
}

const manage = async (page: Page, deed: string): Promise<void> => {
  await page.getByText("Manage", { exact: true }).click();
  await page.getByRole("button", { name: deed }).click();
};

test("two records of one customer are merged, with what changes shown before, and split again", async ({
  page,
  product,
}) => {
  await enter(page, product, "Merging");
  await visit(page, "/customers/acme-1");
  await manage(page, "Merge into another");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Count it as").fill("acme");
  // not itself
  await expect(dialog.getByRole("list", { name: "Customers found" }).getByRole("button")).toHaveCount(1);
  await dialog.getByRole("button", { name: "Acme GmbH" }).click();
  const together = dialog.getByRole("row", { name: /^Together/ });
  await expect(together).toContainText("150");
  await expect(together).toContainText("Nov 2024");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Merge", exact: true }).click();
  await expect(page.getByText("Counts as Acme GmbH")).toBeVisible();
  await expectAccessible(page);

  await visit(page, "/customers/acme-2");
  expect(await metricValue(page, "mrr")).toBe(150);
  await expect(page.getByText("of acme-1")).toBeVisible();
  await expectAccessible(page);
  await visit(page, "/customers");
  await expect(page.getByText("3 customers")).toBeVisible();

  await visit(page, "/customers/acme-1");
  await page.getByRole("button", { name: "Split" }).click();
  await expect(page.getByText("Counts as Acme GmbH")).toBeHidden();
  expect(await metricValue(page, "mrr")).toBe(100);
  await visit(page, "/customers/acme-2");
  expect(await metricValue(page, "mrr")).toBe(50);
});

test("an excluded customer leaves the ARR and every list but its own, until it counts again", async ({
  page,
  product,
}) => {
  await enter(page, product, "Excluding");
  await visit(page, "/");
  await expect(page.locator('[data-metric="arr"]').first()).toHaveAttribute("data-value", "2400");
  await visit(page, "/customers/ours");
  await manage(page, "Exclude from the numbers");
  await page.getByLabel("An internal customer").check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Exclude", exact: true }).click();
  await expect(page.getByText("Counts in no number", { exact: true })).toBeVisible();
  await expectAccessible(page);
  await visit(page, "/");
  await expect(page.locator('[data-metric="arr"]').first()).toHaveAttribute("data-value", "2040");

  await visit(page, "/settings/exclusions");
  await page.getByLabel("Plan", { exact: true }).fill("Silver");
  await page.getByLabel("Reason").fill("free partners");
  await page.getByRole("button", { name: "Exclude", exact: true }).click();
  await expect(page.getByRole("row", { name: /Silver/ })).toContainText("free partners");
  await expectAccessible(page);
  await visit(page, "/");
  await expect(page.locator('[data-metric="arr"]').first()).toHaveAttribute("data-value", "1800");

  await visit(page, "/settings/exclusions");
  for (const name of ["Silver", "Our own team"]) {
    await page.getByRole("button", { name: `Count again ${name}` }).click();
    await expect(page.getByRole("row", { name })).toBeHidden();
  }
  await expect(page.getByRole("heading", { name: "Everything counts" })).toBeVisible();
  await visit(page, "/");
  await expect(page.locator('[data-metric="arr"]').first()).toHaveAttribute("data-value", "2400");
});

test("rates, spend and finance inputs are written by hand, and say what is wrong with them", async ({
  page,
  product,
}) => {
  await enter(page, product, "Finance");
  await visit(page, "/settings/finance");
  await expectAccessible(page);
  const dialog = page.getByRole("dialog");

  await page.getByRole("button", { name: "Add a month" }).click();
  await dialog.getByLabel("Month").fill("2025-03");
  await dialog.getByLabel("Revenue").fill("much");
  await dialog.getByLabel("Gross margin, %").fill("80");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByText("This is a number like 1234.50.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Revenue").fill("1000");
  await dialog.getByLabel("Operating profit").fill("-50");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /Mar 2025/ })).toContainText("80.0%");

  await page.getByRole("button", { name: "Add spend" }).click();
  await dialog.getByLabel("Month").fill("2025-03");
  await dialog.getByLabel("Amount").fill("400");
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("group", { name: "Sales and marketing spend" })).toContainText("$400.00");

  await page.getByRole("button", { name: "Add a rate" }).click();
  await dialog.getByLabel("From this day on").fill("2025-01-01");
  await dialog.getByLabel("Rate").fill("1.1");
  await dialog.getByLabel("From", { exact: true }).fill("eur");
  await dialog.getByRole("button", { name: "Add" }).click();
  const rates = page.getByRole("group", { name: "Exchange rates" });
  await expect(rates).toContainText("1 EUR in USD");
  await rates.getByRole("button", { name: /^Edit/ }).click();
  await dialog.getByLabel("Rate").fill("1.25");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(rates).toContainText("1.25");
  await rates.getByRole("button", { name: /^Delete/ }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: "No rates yet" })).toBeVisible();
  await expectAccessible(page);
});
