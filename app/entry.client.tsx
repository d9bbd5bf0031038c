import { RemixBrowser } from "@remix-run/react";
import { StrictMode, startTransition } from "react";
import { hydrateRoot } from "react-dom/client";

/**
 * The data changed before a card's code had come, and React draws the card anew instead of taking over what the server drew: the
 * page is right, and nobody has to hear of it.
 */
const isRedrawn = (error: unknown): boolean => error instanceof Error && /\b421\b/.test(error.message);

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
    {
      onRecoverableError(error) {
        if (!isRedrawn(error)) reportError(error);
      },
    },
  );
});
