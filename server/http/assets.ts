import { join } from "node:path";
import { constants } from "node:zlib";
import compression from "compression";
import express, { type RequestHandler, Router } from "express";

const compressed = (gzip: number, brotli: number): RequestHandler =>
  compression({
    threshold: 1_024,
    level: gzip,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: brotli } },
  });

/**
 * Compresses what is text, as it goes out; streams are flushed when the page says so. A file is kept by who gets it and is worth some
 * effort; for an answer, which is soon another, the same effort takes twice the time and makes it hardly smaller.
 */
export function compress(): RequestHandler {
  const [file, answer] = [compressed(6, 5), compressed(4, 4)];
  return (req, res, next) => (req.path.startsWith("/assets/") ? file : answer)(req, res, next);
}

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
