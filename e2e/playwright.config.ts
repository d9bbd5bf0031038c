import { defineConfig } from "@playwright/test";
import { findBrowser } from "./chromium.ts";

const { executablePath, args, env } = findBrowser();

/** One spec per journey, in Chromium, against the product as `npm start` runs it (fixtures.ts starts it). */
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "../test-results",
  // a product and a browser each, built once before: see global-setup.ts
  workers: 2,
  globalSetup: "./global-setup.ts",
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    // recording each action takes a third of the run: `--trace retain-on-failure` where a failure is to be looked into
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args,
      env: Object.fromEntries(
        Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    },
  },
});
