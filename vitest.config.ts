import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts", "**/*.test.tsx"],
    exclude: ["node_modules/**", "build/**"],
    // half of a test's time is Postgres at work in another process: one worker per core keeps both busy
    maxWorkers: "100%",
    // a file leaves nothing behind that another could trip over, and loading the product anew for each took half of the time
    isolate: false,
    globalSetup: ["db/testing-setup.ts"],
    // vitest itself sets BASE_URL to "/"
    env: { NODE_ENV: "test", LOG_LEVEL: "silent", BASE_URL: "" },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
