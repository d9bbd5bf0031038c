import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Suspense } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { expect, test } from "vitest";
import { lazyPart, SayMissing } from "./lazy-part.tsx";

function drawn(load: () => Promise<{ default: () => JSX.Element }>): Promise<string> {
  const Part = lazyPart(load, SayMissing);
  return new Promise((done, fail) => {
    const { pipe } = renderToPipeableStream(
      <main>
        <h1>ARR</h1>
        <Suspense fallback={null}>
          <Part />
        </Suspense>
      </main>,
      { onAllReady: () => done(text(pipe(new PassThrough()))), onError: fail },
    );
  });
}

test("a part is drawn when its code has come", async () => {
  expect(await drawn(async () => ({ default: () => <p>chart</p> }))).toContain("<p>chart</p>");
});

test("a part whose code is gone says so, and the page around it stays", async () => {
  const page = await drawn(() =>
    Promise.reject(new TypeError("Failed to fetch dynamically imported module")),
  );
  expect(page).toContain("<h1>ARR</h1>");
  expect(page).toContain("could not be loaded");
});
