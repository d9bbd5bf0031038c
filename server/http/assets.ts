import { join } from "node:path";
import { constants } from "node:zlib";
import compression from "compression";
import express, { Router } from "express";

/** Compresses what is text, as it goes out; streams are flushed when the page says so. */
export const compress = () =>
  compression({
    threshold: 1_024,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
  });

/**
 * The built files of the pages. Those in /assets carry a hash in their name and never change; a missing one is
 * missing for good, so that an old page does not get HTML where it asked for a script.
 */
export function builtAssets(buildDir: string): Router {
  const client = join(buildDir, "client");
  const router = Router();
  router.use(
    "/assets",
    express.static(join(client, "assets"), { immutable: true, maxAge: "1y", index: false, redirect: false }),
    (req, res, next) => {
      if (req.method !== "GET" && req.method !== "HEAD") {
        next();
        return;
      }
      res.setHeader("Cache-Control", "no-store");
      res.status(404).type("text").send("There is no such file.\n");
    },
  );
  router.use(express.static(client, { maxAge: "1h", index: false, redirect: false, dotfiles: "ignore" }));
  return router;
}
