import { Link, useNavigate } from "@remix-run/react";
import {
  createContext,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useContext,
  useMemo,
  useRef,
} from "react";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { type ExplainTarget, explainLink } from "../../lib/explain-link.ts";

type Beside = "asOf" | "filter";
/** A number of a card; its filters and observation day are the card's. */
export type CardTarget = ExplainTarget extends infer Target
  ? Target extends unknown
    ? Omit<Target, Beside>
    : never
  : never;

interface ExplainScope {
  link: (target: CardTarget) => string;
  go: (href: string) => void;
}

const Scope = createContext<ExplainScope | null>(null);

/** Where the numbers inside can be explained; null outside of a card. */
export const useExplain = (): ExplainScope | null => useContext(Scope);

/** Makes every number in a card lead to its explanation, under the card's own filters. */
export function ExplainProvider({ scope, children }: { scope: PlacedWidget["scope"]; children: ReactNode }) {
  const navigate = useNavigate();
  // As text: an equal scope must not reach cards whose code has not come.
  const given = JSON.stringify(scope);
  const value = useMemo((): ExplainScope => {
    const { asOf, filter } = JSON.parse(given) as PlacedWidget["scope"];
    return {
      link: (target) => explainLink({ ...target, asOf, filter } as ExplainTarget),
      go: (href) => navigate(href),
    };
  }, [given, navigate]);
  return <Scope.Provider value={value}>{children}</Scope.Provider>;
}

/** A number that leads to its explanation. */
export function ExplainNumber({
  target,
  name,
  children,
}: {
  target: CardTarget;
  /** What is explained, for who cannot see it. */
  name: string;
  children: ReactNode;
}) {
  const scope = useExplain();
  if (!scope) return <>{children}</>;
  return (
    <Link
      to={scope.link(target)}
      title="Explain"
      data-explain={target.metric}
      className="rounded-sm decoration-line-control decoration-dotted underline-offset-4 hover:underline"
    >
      {children}
      <span className="sr-only">, explain {name}</span>
    </Link>
  );
}

/**
 * For places that show a tooltip and lead on: a finger's first tap shows, the second follows; a mouse and Enter follow at once.
 * Other buttons and keys stay the browser's.
 */
export function useFollow(scope: ExplainScope | null) {
  const isPreview = useRef(false);
  return {
    onPointerDown(event: PointerEvent, place: HTMLElement) {
      isPreview.current = event.pointerType === "touch" && document.activeElement !== place;
    },
    onClick(event: MouseEvent, place: HTMLElement, href: string | null) {
      if (!scope || href === null || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (isPreview.current) place.focus();
      else scope.go(href);
      isPreview.current = false;
    },
  };
}
