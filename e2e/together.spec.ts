import type { Browser, Page } from "@playwright/test";
import { expectAccessible, expect as impatient, test, visit } from "./fixtures.ts";
import type { StartedProduct } from "./started-product.ts";

/** Two people at one dashboard, in two browsers (walk B). */

/** Two browsers at once, on two cores. */
const expect = impatient.configure({ timeout: 25_000 });
test.setTimeout(240_000);

interface Person {
  page: Page;
  token: string;
}

/** Somebody of an organisation (made when missing), in a browser of their own. */
async function enter(
  browser: Browser,
  product: StartedProduct,
  { email, role }: { email: string; role: string },
): Promise<Person> {
  const args = ["--org", "Northwind Together", "--email", email, "--role", role];
  const token = (await product.cli("token", "create", ...args)).split("\n").at(-1) ?? "";
  const context = await browser.newContext({
    baseURL: product.url,
    viewport: { width: 1360, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(25_000);
  const signedIn = await page.request.post("/api/v1/session", {
    data: { token },
    headers: { origin: product.url },
  });
  expect(signedIn.status()).toBe(201);
  return { page, token };
}

/** Twenty customers, imported. */
async function importCustomers(product: StartedProduct, person: Person): Promise<void> {
  const rows = Array.from({ length: 20 }, (_, i) => `c${i},${100 + i},2026-0${1 + (i % 9)}-01`);
  const form = new FormData();
  form.set("file", new Blob([`customer_id,amount,started_at\n${rows.join("\n")}\n`]), "customers.csv");
  const upload = await fetch(`${product.url}/api/v1/uploads`, {
    method: "POST",
    headers: { authorization: `Bearer ${person.token}` },
    body: form,
  });
  const { id } = await upload.json();
  await expect
    .poll(async () => (await api(product, person, `/uploads/${id}`)).status, { timeout: 30_000 })
    .toBe("done");
}

const api = (product: StartedProduct, { token }: Person, path: string, init: RequestInit = {}) =>
  fetch(`${product.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  }).then((answer) => answer.json());

const saved = (page: Page) => page.locator('[data-save="saved"]');
const card = (page: Page, id: string) => page.locator(`[data-widget="${id}"]`);
const grip = (page: Page, name: string) => page.getByRole("button", { name: `Move ${name}`, exact: true });

async function edit(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await expect(page.getByRole("toolbar", { name: "Edit the dashboard" })).toBeVisible();
  await expect(saved(page)).toBeVisible();
}

/** Where cards are, by id, as the server tells it. */
async function stored(product: StartedProduct, person: Person, id: string) {
  const { widgets } = await api(product, person, `/dashboards/${id}`);
  return widgets as Record<
    string,
    { title: string; rect: { lg: number[]; sm: number[] }; cfg: Record<string, unknown> }
  >;
}

let ada: Person;
let bob: Person;
test.beforeAll(async ({ browser, product }) => {
  [ada, bob] = [
    await enter(browser, product, { email: "ada@example.com", role: "owner" }),
    await enter(browser, product, { email: "bob@example.com", role: "editor" }),
  ];
  await importCustomers(product, ada);
});
test.afterAll(() => Promise.all([ada.page.context().close(), bob.page.context().close()]));
test.describe.configure({ mode: "serial" });

test("two people add, move, resize, rename, delete and undo together; one goes offline and comes back", async ({
  product,
}) => {
  const { id } = await api(product, ada, "/dashboards", {
    method: "POST",
    body: JSON.stringify({ title: "Board", template: "overview" }),
  });
  const path = `/dashboards/${id}`;
  await visit(ada.page, path);
  await visit(bob.page, path);
  await edit(ada.page);
  await edit(bob.page);

  await test.step("each sees that the other is here", async () => {
    await expect(ada.page.getByRole("list", { name: "Also here" })).toContainText("bob, editing");
    await bob.page.mouse.move(700, 500);
    await expect(ada.page.locator('[data-cursor="bob"]')).toBeAttached();
  });

  let added = "";
  await test.step("one adds a widget and configures it; the other sees its number", async () => {
    await ada.page.getByRole("button", { name: "Add widget" }).click();
    await ada.page.getByRole("button", { name: /^KPI card/ }).click();
    const panel = ada.page.getByRole("complementary", { name: "Settings of the widget" });
    // what is being set stands in view, however long the dashboard
    await expect(ada.page.locator("[data-editing]").last()).toBeInViewport();
    await panel.getByRole("combobox", { name: "Metric" }).selectOption("committed_mrr");
    await panel.getByLabel("Title").fill("Committed");
    await expectAccessible(ada.page);
    await panel.getByRole("button", { name: "Close the settings" }).click();
    await expect(saved(ada.page)).toBeVisible();
    const number = bob.page.locator('[data-metric="committed_mrr"]');
    await expect(number).toHaveAttribute("data-value", /^\d/);
    await expect(bob.page.getByRole("group", { name: "Committed", exact: true })).toBeVisible();
    added =
      (await bob.page.locator("[data-widget]").filter({ has: number }).getAttribute("data-widget")) ?? "";
  });

  await test.step("one moves a card by mouse, the other resizes one by keyboard", async () => {
    await ada.page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
    const from = await ada.page.locator('[data-editing="movements"]').boundingBox();
    if (!from) throw new Error("not on the page");
    await ada.page.mouse.move(from.x + 200, from.y + 120);
    await ada.page.mouse.down();
    await ada.page.mouse.move(from.x + 400, from.y + 140, { steps: 5 });
    await ada.page.mouse.move(from.x + 600, from.y + 150, { steps: 5 });
    // the other sees it move before it is dropped
    await expect(bob.page.locator('[data-selected-by="ada"]')).toBeAttached();
    await ada.page.mouse.up();
    await expect.poll(async () => (await stored(product, ada, id)).movements?.rect.lg[0]).toBe(4);
    const before = (await stored(product, ada, id)).arr?.rect.lg;
    await grip(bob.page, "ARR").focus();
    await bob.page.keyboard.press("Shift+ArrowDown");
    await expect
      .poll(async () => (await stored(product, ada, id)).arr?.rect.lg[3])
      .toBe((before?.[3] ?? 0) + 1);
    await expect(ada.page.locator('[data-selected-by="bob"]')).toBeAttached();
  });

  await test.step("each takes back their own edit alone", async () => {
    await ada.page.keyboard.press("Control+z");
    await expect.poll(async () => (await stored(product, ada, id)).movements?.rect.lg[0]).toBe(0);
    expect((await stored(product, ada, id)).arr?.rect.lg[3]).toBe(4);
  });

  await test.step("one deletes what the other renames; undo brings it back with its new name", async () => {
    await ada.page.getByRole("button", { name: "Delete Quick ratio" }).click();
    await expect(card(bob.page, "quick-ratio")).toHaveCount(0);
    await bob.page.locator("summary", { hasText: "Deleted (1)" }).click();
    await expect(bob.page.getByRole("list", { name: "Deleted widgets" })).toContainText("Quick ratio");
    await bob.page.keyboard.press("Escape");
    await ada.page.getByRole("button", { name: "Undo", exact: true }).click();
    await expect(card(bob.page, "quick-ratio")).toBeVisible();
    await bob.page.getByRole("textbox", { name: "Title of the dashboard" }).fill("Board of two");
    await expect(ada.page.getByRole("textbox", { name: "Title of the dashboard" })).toHaveValue(
      "Board of two",
    );
  });

  await test.step("one edits offline, reloads nothing, comes back: both see one result", async () => {
    await bob.page.context().setOffline(true);
    await expect(bob.page.locator('[data-save="offline"]')).toBeVisible();
    await bob.page.getByRole("button", { name: "Configure MRR", exact: true }).click();
    await bob.page
      .getByRole("complementary", { name: "Settings of the widget" })
      .getByLabel("Title")
      .fill("Written offline");
    await expect(bob.page.locator('[data-save="offline"][data-unsaved="true"]')).toBeVisible();
    await ada.page.getByRole("button", { name: "Delete ARPA" }).click();
    await expect(saved(ada.page)).toBeVisible();
    await bob.page.context().setOffline(false);
    await expect(saved(bob.page)).toBeVisible();
    await expect(ada.page.getByRole("group", { name: "Written offline", exact: true })).toBeVisible();
    await expect(card(bob.page, "arpa")).toHaveCount(0);
    const widgets = await stored(product, ada, id);
    expect(widgets.mrr?.title).toBe("Written offline");
    expect(widgets).not.toHaveProperty("arpa");
    expect(widgets[added]?.title).toBe("Committed");
    const places = (page: Page) =>
      page
        .locator("[data-editing]")
        .evaluateAll((cards) =>
          cards.map((one) => `${one.getAttribute("data-editing")} ${one.parentElement?.style.transform}`),
        );
    await expect.poll(() => places(bob.page)).toEqual(await places(ada.page));
  });

  await test.step("what was edited offline outlives a reload", async () => {
    await bob.page.context().setOffline(true);
    await expect(bob.page.locator('[data-save="offline"]')).toBeVisible();
    await bob.page.getByRole("button", { name: "Delete Customers", exact: true }).click();
    await expect(bob.page.locator('[data-unsaved="true"]')).toBeVisible();
    bob.page.once("dialog", (dialog) => void dialog.accept());
    await bob.page.context().setOffline(false);
    await visit(bob.page, path);
    await expect.poll(async () => Object.keys(await stored(product, ada, id))).not.toContain("customers");
  });

  await test.step("whose role is taken away reads on, without an editor", async () => {
    await edit(bob.page);
    await api(product, ada, "/members/bob@example.com", {
      method: "PATCH",
      body: JSON.stringify({ role: "viewer" }),
    });
    await expect(bob.page.getByText("View only")).toBeVisible();
    await expect(bob.page.getByRole("button", { name: "Edit", exact: true })).toHaveCount(0);
  });

  await test.step("the same by a phone: its own layout", async () => {
    await ada.page.getByRole("button", { name: "Phone layout" }).click();
    await grip(ada.page, "ARR").focus();
    await ada.page.keyboard.press("Shift+ArrowRight");
    await expect.poll(async () => (await stored(product, ada, id)).arr?.rect.sm[2]).toBe(3);
  });
});

test("who only reads sees others' edits at once, and has no editor", async ({ product }) => {
  const { id } = await api(product, ada, "/dashboards", {
    method: "POST",
    body: JSON.stringify({ title: "Shared", template: "overview" }),
  });
  await visit(bob.page, `/dashboards/${id}`);
  await bob.page.mouse.move(300, 300);
  await expect(bob.page.getByText("View only")).toBeVisible();
  await expect(bob.page.getByRole("button", { name: "Edit", exact: true })).toHaveCount(0);
  await visit(ada.page, `/dashboards/${id}`);
  await ada.page.keyboard.press("e");
  await ada.page.getByRole("textbox", { name: "Title of the dashboard" }).fill("Renamed live");
  await expect(bob.page.getByRole("heading", { level: 1 })).toHaveText("Renamed live");
  await ada.page.getByRole("button", { name: "Delete ARR", exact: true }).click();
  await expect(card(bob.page, "arr")).toHaveCount(0);
  // archived: whoever has it open is told
  await api(product, ada, `/dashboards/${id}`, { method: "DELETE" });
  const gone = /This dashboard (is not here any more|was archived)\./;
  await expect(bob.page.getByText(gone)).toBeVisible();
  await expect(ada.page.getByText(gone)).toBeVisible();
});

test("dashboards are made, renamed, duplicated, archived and restored", async ({ product }) => {
  const { page } = ada;
  await visit(page, "/dashboards");
  await page.getByLabel("Title").first().fill("Acquisition");
  await page.getByLabel("Begins with").selectOption("overview");
  await page.getByRole("button", { name: "Create dashboard" }).click();
  await expect(page.getByRole("toolbar", { name: "Edit the dashboard" })).toBeVisible();
  await visit(page, "/dashboards");
  const item = (title: string) => page.getByRole("listitem").filter({ hasText: title });
  await item("Acquisition").locator("summary").click();
  await item("Acquisition").getByLabel("Title").fill("Growth");
  await item("Acquisition").getByRole("button", { name: "Save title" }).click();
  await item("Growth").getByRole("button", { name: "Duplicate" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Growth (copy)");
  await page.locator("summary", { hasText: "Other dashboards" }).click();
  await page.getByRole("link", { name: "All dashboards" }).click();
  await item("Growth (copy)").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("list", { name: "Archived dashboards" })).toContainText("Growth (copy)");
  await page.getByRole("button", { name: "Restore Growth (copy)" }).click();
  await expect(page.getByRole("list", { name: "Dashboards", exact: true })).toContainText("Growth (copy)");
  await test.step("a version is named, looked at and restored", async () => {
    await page.getByRole("link", { name: "Growth (copy)" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Growth (copy)");
    await edit(page);
    await page.getByRole("link", { name: "History" }).click();
    await page.getByLabel("Name of the version").fill("Before the board");
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await expect(page.getByRole("link", { name: /Before the board/ })).toBeVisible();
    const { items } = await api(product, ada, "/dashboards");
    const id = items.find(({ title }: { title: string }) => title === "Growth (copy)")?.id;
    await api(product, ada, `/dashboards/${id}`, {
      method: "PATCH",
      body: JSON.stringify({ title: "Renamed since" }),
    });
    await page.getByRole("link", { name: /Before the board/ }).click();
    await expect(page.getByRole("region", { name: "The version" })).toContainText("Growth (copy)");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Restore this version" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Growth (copy)");
  });
});
