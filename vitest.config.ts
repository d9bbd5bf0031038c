import { defineConfig } from "vitest/config";

/** These count what the whole process holds: timers, memory. */
const alone = ["server/rooms/leaks.test.ts"];
const outside = ["node_modules/**", "build/**"];

export default defineConfig({
  test: {
    // half of a test's time is Postgres at work in another process: one worker per core keeps both busy
    maxWorkers: "100%",
    globalSetup: ["db/testing-setup.ts"],
    // vitest itself sets BASE_URL to "/"
    env: { NODE_ENV: "test", LOG_LEVEL: "silent", BASE_URL: "" },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: [...outside, ...alone],
          // a file leaves nothing behind that another could trip over, and loading the product anew for each took half of the time
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: outside } },
    ],
  },
});
