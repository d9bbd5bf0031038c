import { defineConfig } from "drizzle-kit";

/**
 * For looking only (`npx drizzle-kit studio`): migrations are written and reviewed by hand in db/migrations, because no
 * generator knows FORCE ROW LEVEL SECURITY. Never `push`.
 */
export default defineConfig({
  dialect: "postgresql",
  schema: "./db/schema/*.ts",
  schemaFilter: ["app"],
});
