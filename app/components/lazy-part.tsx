import { type ComponentType, type LazyExoticComponent, lazy } from "react";

/** Any component: what React's own `lazy` takes. */
type LazyComponent = Awaited<ReturnType<Parameters<typeof lazy>[0]>>["default"];

/**
 * A part of a page whose code comes later. Where that cannot be had, because the server is away or was updated since the page came,
 * the rest of the page goes on: `Missing` stands in the part's place.
 */
export const lazyPart = <Part extends LazyComponent>(
  load: () => Promise<{ default: Part }>,
  Missing: ComponentType,
): LazyExoticComponent<Part> => lazy(() => load().catch(() => ({ default: Missing as unknown as Part })));

/** For what was asked for, and what shows numbers. */
export const SayMissing = () => (
  <p role="status" className="py-2 text-sm text-ink-3">
    This part could not be loaded: the server is away or was updated.{" "}
    <button type="button" className="link" onClick={() => location.reload()}>
      Load the page again
    </button>
  </p>
);

/** For what opens over the page. */
export const SayMissingOver = () => (
  <div className="fixed inset-x-4 bottom-4 z-50 mx-auto w-fit rounded-xl border border-line bg-overlay px-4 shadow-pop">
    <SayMissing />
  </div>
);

/** For what comes by itself. */
export const StayAway = () => null;
