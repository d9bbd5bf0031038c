import { gzipSync } from "node:zlib";
import { type BrowserContext, chromium } from "@playwright/test";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { findBrowser } from "#root/e2e/chromium.ts";
import { startProduct } from "#root/e2e/started-product.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";

const renders = 30;
const warmUps = 10;

/** The demo dashboard on a desktop: what it weighs, how fast the server has it, and what Lighthouse thinks of it. */
export async function benchPage({ runs, note }: BenchOptions): Promise<Figure[]> {
  const times = runs ?? 5;
  const product = await startProduct({ LIMITS: JSON.stringify({ requestsPerMinute: 1_000_000 }) });
  try {
    const { executablePath, args, env } = findBrowser();
    const browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args,
      env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => !!entry[1])),
    });
    const context = await browser.newContext({ viewport: { width: 1350, height: 940 } });
    note("loading the demo …");
    const cookie = await enterDemo(context, product.url);
    const scripts: number[] = [];
    for (let run = 0; run < times; run += 1) scripts.push(await firstScripts(context, product.url));
    await browser.close();
    note("rendering …");
    const ttfb = await timeToFirstByte(product.url, cookie);
    const scores = await lighthouseScores(product.url, cookie, times, note);
    return [
      figureOf({
        bench: "page",
        figure: "first_js_kb",
        unit: "kB gz",
        runs: scripts,
        goal: { text: "≤ 180 kB", isMet: ({ ours }) => ours <= 180 },
      }),
      figureOf({ bench: "page", figure: "ttfb_ms", unit: "ms", runs: ttfb }),
      figureOf({
        bench: "page",
        figure: "lighthouse_performance",
        unit: "points",
        runs: scores.map(({ performance }) => performance),
        goal: { text: "≥ 95", isMet: ({ ours }) => ours >= 95 },
      }),
      figureOf({
        bench: "page",
        figure: "lighthouse_accessibility",
        unit: "points",
        runs: scores.map(({ accessibility }) => accessibility),
        goal: { text: "100", isMet: ({ ours }) => ours >= 100 },
      }),
    ];
  } finally {
    await product.stop();
  }
}

/** @returns the Cookie header of a guest whose demo is ready */
async function enterDemo(context: BrowserContext, url: string): Promise<string> {
  const page = await context.newPage();
  await page.goto(`${url}/login`);
  await page.getByRole("button", { name: "Open the demo" }).click();
  await page.locator('[data-metric="arr"][data-value]').first().waitFor({ timeout: 60_000 });
  // until the last of its files is in
  await page.getByText(/demo company. Its data is invented/).waitFor({ timeout: 60_000 });
  await page.close();
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Kilobytes (gzip) of all scripts that come until two seconds after load, nothing touched and nothing cached. */
async function firstScripts(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  const bodies: Promise<number>[] = [];
  page.on("response", (response) => {
    if (
      response.request().resourceType() === "script" ||
      /javascript/.test(response.headers()["content-type"] ?? "")
    )
      bodies.push(response.body().then((body) => gzipSync(body).length));
  });
  const session = await context.newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto(url, { waitUntil: "load" });
  await page.waitForTimeout(2_000);
  const sizes = await Promise.all(bodies);
  await page.close();
  return sizes.reduce((sum, size) => sum + size, 0) / 1_000;
}

/** Milliseconds until the first byte of the page's body, one request after the other. */
async function timeToFirstByte(url: string, cookie: string): Promise<number[]> {
  const measured: number[] = [];
  for (let run = 0; run < warmUps + renders; run += 1) {
    const began = performance.now();
    const response = await fetch(url, { headers: { cookie } });
    const reader = response.body!.getReader();
    await reader.read();
    const took = performance.now() - began;
    while (!(await reader.read()).done);
    if (run >= warmUps) measured.push(took);
  }
  return measured;
}

interface Scores {
  performance: number;
  accessibility: number;
}

async function lighthouseScores(
  url: string,
  cookie: string,
  times: number,
  note: (text: string) => void,
): Promise<Scores[]> {
  const { executablePath, args, env } = findBrowser();
  const scores: Scores[] = [];
  for (let run = 1; run <= times; run += 1) {
    const chrome = await launch({
      ...(executablePath ? { chromePath: executablePath } : {}),
      chromeFlags: [...args, "--headless"],
      envVars: env as Record<string, string>,
    });
    try {
      const result = await lighthouse(
        url,
        {
          port: chrome.port,
          onlyCategories: ["performance", "accessibility"],
          extraHeaders: { Cookie: cookie },
          logLevel: "error",
        },
        desktopConfig,
      );
      const score = (name: string) => Math.round((result?.lhr.categories[name]?.score ?? 0) * 100);
      scores.push({ performance: score("performance"), accessibility: score("accessibility") });
      note(`lighthouse ${run}: ${JSON.stringify(scores.at(-1))}`);
    } finally {
      chrome.kill();
    }
  }
  return scores;
}
