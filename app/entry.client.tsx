import { RemixBrowser } from "@remix-run/react";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";

const cameTo = location.pathname;

/**
 * Who goes on before the cards' code has come leaves cards behind that were never taken over. React 18 keeps an error for each render
 * of them that it gave up, and reports them (421) when the next page is there. Nothing was lost: where the page is the same, it is told.
 */
const isOfPageLeft = (error: unknown): boolean =>
  error instanceof Error && /\b421\b/.test(error.message) && location.pathname !== cameTo;

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
    {
      onRecoverableError(error) {
        if (!isOfPageLeft(error)) reportError(error);
      },
    },
  );
});
