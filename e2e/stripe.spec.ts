import type { Browser, Page } from "@playwright/test";
import { createCustomer } from "#connectors/stripe-double/objects.ts";
import type { StripeDouble } from "#connectors/stripe-double/server.ts";
import { createSubscription } from "#connectors/stripe-double/subscriptions.ts";
import { expect, expectAccessible, visit } from "./fixtures.ts";
import { monthBefore } from "./own-organisation.ts";
import type { StartedProduct } from "./started-product.ts";
import { type SmallBusiness, smallBusiness, test } from "./stripe-world.ts";

/** Walk C: connect Stripe, numbers arrive while somebody else is watching, a webhook changes MRR in front of their eyes. */

const signingSecret = "whsec_e2e_first";
const hooks = 10;

// a whole walk, on a machine that may be busy
test.describe.configure({ timeout: 240_000 });
const patient = { timeout: 60_000 };

/** A browser of somebody in an organisation, signed in by a token. */
async function enter(
  page: Page,
  product: StartedProduct,
  organisation: string,
  email: string,
): Promise<void> {
  const printed = await product.cli("token", "create", "--org", organisation, "--email", email);
  const answer = await page.request.post(`${product.url}/api/v1/session`, {
    data: { token: printed.split("\n").at(-1) ?? "" },
    headers: { origin: product.url },
  });
  expect(answer.status()).toBe(201);
}

async function watcherOf(browser: Browser, product: StartedProduct, organisation: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: product.url });
  const page = await context.newPage();
  await enter(page, product, organisation, "watcher@example.com");
  await visit(page, "/");
  await expect(page.locator("[data-live]").first()).toHaveAttribute("data-live", "live", patient);
  return page;
}

const expectMrr = (page: Page, value: number) =>
  expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", String(value), patient);

/** Its history is read, and changes are followed. */
const expectLive = (page: Page) =>
  expect(page.locator("[data-source-status]").first()).toHaveAttribute("data-source-status", "live", patient);

/** Checks a key, connects it under a name, and waits until its history is read. */
async function connect(page: Page, key: string, name: string): Promise<void> {
  await visit(page, "/sources/new");
  await page.getByLabel("Restricted key").fill(key);
  await page.getByRole("button", { name: "Check the key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: /^Connect / }).click();
  await expect(page).toHaveURL(/\/sources\/[0-9a-f-]{36}$/, patient);
  await expectLive(page);
}

/** Somebody subscribes at the vendor. @returns when that was */
function subscribe({ world, prices }: SmallBusiness, double: StripeDouble, no: number): number {
  double.webhooks.on = false;
  const customer = createCustomer(world, { name: `Late ${no}` });
  double.webhooks.on = true;
  createSubscription(world, { customer: customer.id, items: [{ price: prices.scale }] });
  return Date.now();
}

test("Stripe is connected, numbers arrive while somebody watches, and a webhook changes them in front of their eyes", async ({
  page,
  browser,
  product,
  double,
}) => {
  const shop = smallBusiness(double, "Northwind");
  const good = double.createKey(shop.account, { livemode: true });
  const narrow = double.createKey(shop.account, { livemode: true, forbidden: ["subscriptions", "charges"] });
  await enter(page, product, "Northwind", "ada@example.com");
  const watcher = await watcherOf(browser, product, "Northwind");
  await expect(watcher.getByRole("heading", { name: "Your numbers start here" })).toBeVisible();

  // the way in is on the empty dashboard
  await visit(page, "/");
  await page.getByRole("link", { name: "Connect Stripe" }).first().click();
  await expect(page.getByRole("heading", { name: "Connect Stripe" })).toBeVisible();
  await expectAccessible(page);
  const field = page.getByLabel("Restricted key");
  await field.fill("rk_live_nobodyknowsthiskey");
  await page.getByRole("button", { name: "Check the key" }).click();
  await expect(field).toHaveAccessibleDescription(/does not know this key/, patient);
  await field.fill(narrow.value);
  await page.getByRole("button", { name: "Check the key" }).click();
  await expect(page.getByText("1 permission missing")).toBeVisible(patient);
  await expect(page.getByText("Subscriptions: not readable, but needed")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Connect / })).toHaveCount(0);
  await field.fill(good.value);
  await page.getByRole("button", { name: "Check the key" }).click();
  await expect(page.getByText("Everything that is needed can be read.")).toBeVisible(patient);
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill("Stripe of Northwind");
  await page.getByRole("button", { name: /^Connect / }).click();

  // progress, then life; and the other browser saw it come
  await expect(page).toHaveURL(/\/sources\/[0-9a-f-]{36}$/, patient);
  await expectLive(page);
  await expect(page.locator('[data-stream="subscriptions"]')).toHaveAttribute("data-state", "done");
  await expectMrr(watcher, shop.mrr);
  await expectAccessible(page);
  // the key is nowhere in what the page was made of
  expect(await page.content()).not.toContain(good.value);

  // webhooks
  const address = await page.getByLabel("Address").inputValue();
  await page.getByLabel("Signing secret").fill(signingSecret);
  await page.getByRole("button", { name: "Save secret" }).click();
  await expect(page.getByText("1 secret held")).toBeVisible(patient);
  double.webhooks.add({ world: shop.world, url: address, secrets: [signingSecret] });
  await watcher.evaluate(() => {
    const shown: { value: string; at: number }[] = [];
    Object.assign(window, { shownMrr: shown });
    new MutationObserver(() => {
      const value = document.querySelector('[data-metric="mrr"]')?.getAttribute("data-value") ?? "";
      if (shown.at(-1)?.value !== value) shown.push({ value, at: Date.now() });
    }).observe(document.body, { attributes: true, childList: true, subtree: true });
  });
  const times: number[] = [];
  let { mrr } = shop;
  for (let no = 1; no <= hooks; no++) {
    const sent = subscribe(shop, double, no);
    mrr += 50;
    await expectMrr(watcher, mrr);
    const shown = await watcher.evaluate(
      (value) =>
        (window as unknown as { shownMrr: { value: string; at: number }[] }).shownMrr.find(
          (one) => one.value === value,
        )?.at ?? 0,
      String(mrr),
    );
    times.push(shown - sent);
  }
  times.sort((a, b) => a - b);
  console.log(
    `Webhook to number: over ${hooks} subscriptions median ${times[hooks / 2]} ms, slowest ${times.at(-1)} ms (goal: p95 under 500 ms)`,
  );
  // a loaded machine may take its time; to wait for the next poll would be a fault
  expect(times.at(-1)).toBeLessThan(10_000);
  await watcher.context().close();

  // the key is revoked at the vendor: the page says so, and what to do
  good.revoked = true;
  await page.getByRole("button", { name: "Sync now" }).click();
  await expect(page.getByText("Stripe no longer accepts the key")).toBeVisible(patient);
  await expectAccessible(page);
  const next = double.createKey(shop.account, { livemode: true });
  await page.getByLabel("Another key").fill(next.value);
  await page.getByRole("button", { name: "Replace key" }).click();
  await expectLive(page);

  // disconnecting names what goes
  await page.getByRole("button", { name: "Disconnect and remove…" }).click();
  await expect(page.getByRole("dialog")).toContainText("20 customers");
  await expectAccessible(page);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Remove 20 customers/ })
    .click();
  await expect(page).toHaveURL(/\/sources$/, patient);
  await expect(page.getByRole("heading", { name: "Connect Stripe" })).toBeVisible();
  await visit(page, "/restatements");
  await expect(page.getByText(/Stripe of Northwind/).first()).toBeVisible(patient);
});

test("an account is connected on Stripe’s own page; a file that tells of the same customers is warned of, until it is undone", async ({
  page,
  product,
  double,
}) => {
  const shop = smallBusiness(double, "Westwind");
  await enter(page, product, "Westwind", "wes@example.com");
  const connectThere = async () => {
    await visit(page, "/sources/new");
    await page.getByRole("button", { name: "Continue to Stripe" }).click();
  };
  // the person says no there
  double.oauth.account = null;
  await connectThere();
  await expect(page).toHaveURL(/\/sources\/new\?error=denied$/, patient);
  await expectAccessible(page);
  double.oauth.account = shop.account;
  double.oauth.livemode = true;
  await connectThere();
  await expect(page).toHaveURL(/\/sources\/[0-9a-f-]{36}$/, patient);
  await expectLive(page);
  await expect(page.getByText("OAuth", { exact: true })).toBeVisible();

  const paying = shop.world.collections.customers.all().find(({ name }) => name === "Customer 1")!;
  const csv = `customer_id,subscription_id,plan,amount,started_at\n${paying.id},contract-1,Old,20,${monthBefore(3)}-05\n`;
  const sent = await page.request.post(`${product.url}/api/v1/uploads`, {
    headers: { origin: product.url },
    multipart: {
      kind: "subscriptions",
      file: { name: "old.csv", mimeType: "text/csv", buffer: Buffer.from(csv) },
    },
  });
  expect(sent.status()).toBeLessThan(300);
  const { id } = (await sent.json()) as { id: string };
  await visit(page, "/");
  await expectMrr(page, shop.mrr + 20);
  const warning = page.getByText("MRR may count twice: 1 customer has MRR from files as well");
  await expect(warning).toBeVisible(patient);
  await expectAccessible(page);
  await page.getByRole("link", { name: "See the uploads" }).click();
  await expect(warning).toBeVisible();
  await expect(page.getByText(/undo that upload/)).toBeVisible();
  const undone = await page.request.delete(`${product.url}/api/v1/uploads/${id}`, {
    headers: { origin: product.url },
  });
  expect(undone.status()).toBeLessThan(300);
  await visit(page, "/");
  await expectMrr(page, shop.mrr);
  await expect(warning).toHaveCount(0);
});

test("our MRR is laid beside Stripe’s own report, and each difference names its rule", async ({
  page,
  product,
  double,
}) => {
  const shop = smallBusiness(double, "Southwind");
  await enter(page, product, "Southwind", "sue@example.com");
  await connect(page, double.createKey(shop.account, { livemode: true }).value, "Books");
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("link", { name: "Reconcile" }).click();
  await expect(page.getByText("Does it match what Stripe says?")).toBeVisible();
  await expectAccessible(page);

  const [last, before] = [monthBefore(1), monthBefore(2)];
  const list = [...shop.world.collections.customers.all()];
  const rows = list.flatMap(({ id, name }) => {
    if (name === "Trying") return [];
    const paid = name === "Gone" ? 0 : name === "Customer 2" ? 10 : 20;
    // Customer 8 came last month
    return [
      `${id},${String(name)},,usd,${name === "Customer 8" ? 0 : paid},${name === "Customer 5" ? 33 : paid}`,
    ];
  });
  const csv = ["Customer ID,Customer,Customer Email,Currency", ...[before, last]].join(",");
  const file = (text: string) => ({
    name: "MRR_per_Subscriber.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(text),
  });
  const input = page.getByLabel("Stripe’s report as a CSV file");
  await input.setInputFiles(file("a,b\n1,2\n"));
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("alert")).toContainText("Customer ID");
  // as large as one of many customers: what other forms may not be
  const idle = Array.from({ length: 9_000 }, (_, no) => `cus_idle${no},${"idle ".repeat(25)},,usd,,`);
  await input.setInputFiles(file([csv, ...rows, ...idle, ""].join("\n")));
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByText("1 figure without an explanation")).toBeVisible(patient);
  await expect(page.locator(`[data-month="${before}"]`)).toContainText("$130.00");
  await expect(page.locator("[data-reason]")).toHaveCount(1);
  await expect(page.locator('[data-reason="unexplained"]')).toContainText("Customer 5");
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page);

  await page.getByLabel("Equal ones too").check();
  await expect(page.locator("[data-reason]")).toHaveCount(18);
  await page.getByLabel("Month", { exact: true }).selectOption(last);
  await expect(page.locator("[data-reason]")).toHaveCount(9);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("Books reconciled.csv");
  await page.getByRole("button", { name: "Forget this report" }).click();
  await expect(page.getByText("Does it match what Stripe says?")).toBeVisible();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a source is connected, paused and resumed", async ({ page, product, double }) => {
    const shop = smallBusiness(double, "Plainwind");
    const key = double.createKey(shop.account, { livemode: true }).value;
    await enter(page, product, "Plainwind", "pia@example.com");
    await page.goto("/sources/new");
    await page.getByLabel("Restricted key").fill(key);
    await page.getByRole("button", { name: "Check the key" }).click();
    await expect(page.getByText("Everything that is needed can be read.")).toBeVisible(patient);
    expect(await page.content()).not.toContain(key);
    await page.getByLabel("Restricted key").fill(key);
    await page.getByRole("button", { name: /^Connect / }).click();
    await expect(page).toHaveURL(/\/sources\/[0-9a-f-]{36}$/, patient);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Nothing is read.").first()).toBeVisible(patient);
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(page.getByText("Nothing is read.")).toHaveCount(0);
  });
});
