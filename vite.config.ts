import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import remixConfig from "./remix.config.js";

declare module "@remix-run/node" {
  interface Future {
    v3_singleFetch: true;
  }
}

export default defineConfig({
  plugins: [tailwindcss(), remix(remixConfig)],
  // found at the start, not while somebody looks at a page, which would load twice
  optimizeDeps: { entries: ["app/entry.client.tsx", "app/root.tsx", "app/{routes,features}/**/*.{ts,tsx}"] },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  server: { watch: { ignored: ["**/.data/**"] } },
});
