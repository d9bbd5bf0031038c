import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, expectAccessible, openDemo, test, visit } from "./fixtures.ts";
import type { StartedProduct } from "./started-product.ts";

/** Two people and one number: what walk B of product.md says about comments. */

const colleague = "bob.stone@example.com";

/** Somebody else in the demo, in a browser of their own. */
async function signInAs(
  browser: Browser,
  product: StartedProduct,
  role: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<BrowserContext> {
  const said = await product.cli(
    "token",
    "create",
    "--org",
    "Demo company",
    "--email",
    colleague,
    "--role",
    role,
  );
  const context = await browser.newContext({ baseURL: product.url, ...options });
  const answer = await context.request.post("/api/v1/session", {
    data: { token: said.trim().split(/\s+/).at(-1) },
    headers: { origin: product.url },
  });
  expect(answer.ok()).toBe(true);
  return context;
}

/** Scripts are there, the feed is open and the cards are awake: what one presses is heard. */
async function untilAlive(page: Page): Promise<void> {
  await expect(page.getByText(/^Live: /)).toBeAttached({ timeout: 30_000 });
  await page.mouse.move(400, 300);
  await page.waitForLoadState("networkidle");
}

/** A cell of the dashboard's heatmap that has been there for a while. */
const cellOf = (page: Page) =>
  page.locator('[data-widget] td[data-cohort][data-period="2"]:not(.running)').nth(1);

test("people discuss a cohort cell in place: mention, inbox, answer, resolve, and the mark stays with the number", async ({
  page,
  browser,
  product,
}) => {
  test.slow();
  await openDemo(page);
  const other = await signInAs(browser, product, "commenter");
  const bob = await other.newPage();
  await visit(bob, "/");
  await untilAlive(bob);

  // a commenter may comment
  const cell = cellOf(bob);
  await cell.scrollIntoViewIfNeeded();
  const cohort = (await cell.getAttribute("data-cohort")) ?? "";
  const field = bob.getByLabel("Comment", { exact: true });
  // what the mouse points at, as its tooltip says
  await cell.hover();
  await bob.keyboard.press("c");
  await expect(field).toBeFocused();
  await bob.keyboard.press("Escape");
  await expect(field).toBeHidden();
  await cell.focus();
  await bob.keyboard.press("c");
  await expect(field).toBeFocused();
  await field.pressSequentially("Look at this <img src=x onerror=alert(1)> @gue");
  await expect(bob.getByRole("option")).toHaveCount(1);
  await bob.keyboard.press("Enter");
  await expect(field).toHaveValue(/ @Guest $/);
  await expectAccessible(bob);
  await bob.keyboard.press("Control+Enter");
  const thread = bob.getByRole("dialog");
  await expect(thread.getByText("Look at this <img src=x onerror=alert(1)>")).toBeVisible();
  await expect(
    bob.locator(`td[data-cohort="${cohort}"][data-period="2"] [data-discussion]`).first(),
  ).toBeVisible();
  await bob.keyboard.press("Escape");
  await expect(thread).toBeHidden();
  await expect(cell).toBeFocused();

  // it waits in the other's inbox, which leads to the number
  await page.reload();
  await expect(page.locator("[data-inbox]").first()).toHaveText(/^1/);
  await visit(page, "/inbox");
  await page
    .getByRole("link", { name: /unread/ })
    .filter({ hasText: "month 2" })
    .click();
  await expect(
    page.getByRole("region", { name: "Thread", exact: true }).getByText("Look at this"),
  ).toBeVisible();
  await expect(page.locator("[data-inbox]")).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Show the number" }).click();
  await expect(page).toHaveURL(/\/dashboards\/.*thread=/);
  await expect(page.locator(`td[data-cohort="${cohort}"][data-period="2"][data-discussed]`)).toBeInViewport();
  // what was read stays read on the next page, which shows the count in a place of its own
  await expect(page.locator("[data-inbox]")).toHaveCount(0);
  const open = page.getByRole("dialog");
  await open.getByLabel("Reply").fill("They came with the sale. @bob");
  // the button is hit though the list above it goes
  await expect(open.getByRole("option")).toHaveCount(1);
  await open.getByRole("button", { name: "Reply", exact: true }).click();
  await expect(open.getByRole("listitem").filter({ hasText: "They came with the sale." })).toBeVisible();

  // the other sees it without a reload
  const mark = bob.locator(`td[data-cohort="${cohort}"][data-period="2"] [data-discussion]`).first();
  await expect(mark).toContainText("2 comments, not all read");
  await mark.click();
  await expect(thread.getByText("They came with the sale.")).toBeVisible();
  await expect(mark).toContainText(/2 comments$/);

  // other filters, another place: still the same number
  const id = new URL(page.url()).searchParams.get("thread");
  await visit(page, "/cohorts?filter.plan=Scale");
  await expect(page.locator(`td[data-cohort="${cohort}"][data-period="2"] [data-discussion]`)).toBeVisible();
  await visit(page, `/inbox?view=all&thread=${id}`);
  await page.getByRole("button", { name: "Resolve" }).click();
  await expect(page.getByRole("button", { name: "Reopen" })).toBeVisible();
  await expect(mark).toBeHidden();
  await other.close();
});

test("a point and a card are discussed by pointing; what was typed outlives a reload", async ({ page }) => {
  await openDemo(page);
  await untilAlive(page);
  await page.getByRole("link", { name: /^Comments/ }).click();
  await page.getByRole("button", { name: "Comment on a number" }).click();
  const point = page.locator("[data-point][data-of]").nth(4);
  await point.click();
  await expect(page).toHaveURL(/\/$/);
  const field = page.getByLabel("Comment", { exact: true });
  await field.fill("Half a thought");
  await page.reload();
  await untilAlive(page);
  await page.locator("[data-point][data-of]").nth(4).focus();
  await page.keyboard.press("c");
  await expect(field).toHaveValue("Half a thought");
  await field.fill("A whole thought");
  await page.getByRole("dialog").getByRole("button", { name: "Comment" }).click();
  await expect(page.locator("[data-point] [data-discussion]")).toHaveCount(1);
  await page.keyboard.press("Escape");
  const card = page.locator('[data-widget]:has([data-metric="arr"])').first();
  await card.hover();
  await card.locator("summary").click();
  await card.getByRole("button", { name: "Comment", exact: true }).click();
  await page.getByLabel("Comment", { exact: true }).fill("Above plan");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("dialog").getByRole("listitem")).toContainText("Above plan");
  await page.getByRole("button", { name: "Delete comment" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete comment" }).last().click();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("a viewer reads and is not asked to write; without scripts the inbox reads and answers", async ({
  page,
  browser,
  product,
}) => {
  await openDemo(page);
  const boards = await page.request.get("/api/v1/dashboards");
  const [board] = ((await boards.json()) as { items: { id: string }[] }).items;
  const made = await page.request.post("/api/v1/comments", {
    data: { text: "For everybody", anchor: { kind: "dashboard", dashboard_id: board?.id } },
    headers: { origin: product.url },
  });
  const { id } = (await made.json()) as { id: string };

  const viewer = await signInAs(browser, product, "viewer");
  const reading = await viewer.newPage();
  await visit(reading, `/inbox?view=all&thread=${id}`);
  await expect(reading.getByText("For everybody").last()).toBeVisible();
  await expect(reading.getByLabel("Reply")).toHaveCount(0);
  await viewer.close();

  const plain = await signInAs(browser, product, "commenter", { javaScriptEnabled: false });
  const simple = await plain.newPage();
  await simple.goto(`/inbox?view=all&thread=${id}`);
  await simple.getByLabel("Reply").fill("By form");
  await simple.getByRole("button", { name: "Reply" }).click();
  await expect(simple.getByRole("listitem").filter({ hasText: "By form" }).last()).toBeVisible();
  await plain.close();
});

test("on a phone a thread is a sheet at the bottom", async ({ browser, product }) => {
  const context = await signInAs(browser, product, "commenter", {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const page = await context.newPage();
  await visit(page, "/");
  await untilAlive(page);
  await page.getByRole("link", { name: /^Comments/ }).tap();
  await page.getByRole("button", { name: "Comment on a number" }).tap();
  await cellOf(page).tap();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByLabel("Comment", { exact: true })).toBeVisible();
  const bottom = async () => {
    const box = await sheet.boundingBox();
    return Math.round((box?.y ?? 0) + (box?.height ?? 0));
  };
  // it rises into its place
  await expect.poll(bottom).toBe(844);
  expect((await sheet.boundingBox())?.width).toBe(390);
  await expectAccessible(page);
  await context.close();
});
