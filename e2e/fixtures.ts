import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { type StartedProduct, startProduct } from "./started-product.ts";

/** What every spec gets: the product, and a page that may neither fail in a script nor break the content policy. */
export const test = base.extend<{ page: Page }, { product: StartedProduct }>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const product = await startProduct();
      await use(product);
      await product.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  baseURL: async ({ product }, use) => use(product.url),
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => {
      if (!isInterrupted(String(error))) faults.push(String(error));
    });
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !isExpected(text) && !isInterrupted(text)) faults.push(text);
    });
    await page.exposeFunction("reportViolation", (text: string) => faults.push(text));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const text = `content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}`;
        void (window as unknown as { reportViolation(text: string): void }).reportViolation(text);
      });
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

export { expect };

/**
 * When somebody navigates on while the answer to an earlier question is being read, Remix (single-fetch.js, fetchAndDecode) writes
 * the aborted reading to the console or leaves it unhandled; the earlier question was given up, and nothing is wrong.
 */
const isInterrupted = (text: string): boolean => text.startsWith("AbortError: BodyStreamBuffer was aborted");

/**
 * A form that is refused answers 4xx, which the browser notes; the page says what is wrong. So it does of a server that is being
 * started again, and of a session that has ended, when an open page tries to reach it.
 */
const isExpected = (text: string): boolean =>
  /WebSocket connection to .* failed: .*(ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|code: (401|503)|closed before)/.test(
    text,
  ) || /Failed to load resource: .* status of 4(00|01|03|04|09|22)/.test(text);

/** WCAG 2.2 A and AA, and axe's own best practices: nothing found. */
export async function expectAccessible(page: Page): Promise<void> {
  // half-way between two colours nothing can be said of them
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ playState, effect }) =>
          playState !== "running" || effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY,
      ),
  );
  const { violations } = await new AxeBuilder({ page })
    // options first: they replace whatever was set before
    .options({ resultTypes: ["violations"] })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    // for pages without frames: the other way opens a page more for each look, to put the frames' results together
    .setLegacyMode()
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`),
    `on ${page.url()}`,
  ).toEqual([]);
}

/** The number that a metric's element holds, as the API gives it. */
export async function metricValue(page: Page, name: string): Promise<number> {
  const value = await page.locator(`[data-metric="${name}"]`).first().getAttribute("data-value");
  return Number(value);
}

/** Opens a page and waits until its scripts have taken it over: a key pressed before would be lost. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator("html[data-interactive]").waitFor();
}

/** Opens the demo as a stranger does, and waits until its numbers are there. */
export async function openDemo(page: Page): Promise<void> {
  await visit(page, "/login");
  await page.getByRole("button", { name: "Open the demo" }).click();
  await expect(page.locator('[data-metric="arr"]').first()).toHaveAttribute("data-value", /^\d{7}/, {
    timeout: 30_000,
  });
}
