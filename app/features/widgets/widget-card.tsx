import { Link } from "@remix-run/react";
import { type CSSProperties, memo } from "react";
import type { PlacedWidget, Rect } from "#contracts/widgets.ts";
import { cx } from "../../components/class-names.ts";
import { CommentWidget } from "../comments/comment-context.ts";
import { WidgetMark } from "../comments/comment-mark.tsx";
import { bodySize } from "../dashboard/grid-layout.ts";
import { lowBody } from "./body.ts";
import { ExplainProvider } from "./explain-scope.tsx";
import { LazyBody } from "./lazy-body.tsx";
import { WidgetMenu } from "./widget-menu.tsx";

const area = ([x, y, w, h]: Rect): string => `${y + 1} / ${x + 1} / span ${h} / span ${w}`;

type Places = CSSProperties & Record<"--lg" | "--sm", string>;

/** A widget in its place on the grid. What fails inside is said inside; the page and the other cards go on. */
export const WidgetCard = memo(function WidgetCard({
  widget,
  gridWidth,
  note,
}: {
  /** `isPending`: its numbers are on their way. */
  widget: PlacedWidget & { isPending?: boolean };
  gridWidth: number;
  /** For exported files: currency, zone, policy and observation day. */
  note: string;
}) {
  const { id, type, title, subtitle, policy, rect, state } = widget;
  const size = bodySize(rect, gridWidth);
  const places: Places = { "--lg": area(rect.lg), "--sm": area(rect.sm) };
  const bare = type === "kpi" && state.kind === "ready";
  return (
    <section
      data-widget={id}
      aria-label={title}
      aria-busy={widget.isPending || undefined}
      style={places}
      className={cx(
        "aria-busy:[&>*]:opacity-60",
        "group/card relative flex min-w-0 flex-col rounded-xl border border-line bg-surface px-4",
        bare ? (size.height < lowBody ? "py-3" : "pt-3 pb-4") : size.height < lowBody ? "pb-2" : "pb-3.5",
      )}
    >
      {bare ? null : (
        <header
          className={cx(
            "flex h-11 shrink-0 items-center gap-x-2.5",
            // for the mark and the menu
            state.kind === "ready" && "pr-16",
          )}
        >
          <h2 className="shrink-0 text-sm font-semibold max-sm:shrink">
            <span className="line-clamp-1">{title}</span>
          </h2>
          {subtitle ? <p className="min-w-0 flex-1 truncate text-xs text-ink-3">{subtitle}</p> : null}
        </header>
      )}
      {state.kind === "ready" ? (
        <ExplainProvider scope={widget.scope}>
          <CommentWidget.Provider value={id}>
            <LazyBody type={type} id={id} title={title} view={state.view} size={size} />
          </CommentWidget.Provider>
          <WidgetMark id={id} title={title} className={bare ? "top-2 right-8.5" : "top-2.5 right-10"} />
          {bare ? (
            // in the card's padding: every number names its policy, and none gives way to it
            <p className="absolute inset-x-4 bottom-1 truncate text-[0.625rem] leading-3 text-ink-3">
              {policy}
            </p>
          ) : null}
          <WidgetMenu
            widget={{ id, title, subtitle, policy, view: state.view }}
            size={size}
            note={note}
            className={bare ? "top-2 right-2" : "top-2.5 right-3"}
          />
        </ExplainProvider>
      ) : (
        <div className="grid min-h-0 flex-1 place-items-center overflow-auto text-center text-sm text-ink-3">
          {state.kind === "empty" ? (
            <p>{widget.isPending ? "Its numbers are on their way…" : state.message}</p>
          ) : (
            <div role="status" className="grid gap-1">
              <p className="font-medium text-negative">This could not be computed.</p>
              <p>{state.message}</p>
              <Link to="" reloadDocument className="link">
                Try again
              </Link>
            </div>
          )}
        </div>
      )}
    </section>
  );
});
