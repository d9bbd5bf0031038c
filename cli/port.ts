import { createServer } from "node:net";

/** True when nothing listens there. Port 0 (any free one) always is. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? done(false) : fail(error),
    );
    server.listen(port, host, () => server.close(() => done(true)));
  });
}
