import { Link, useLocation } from "@remix-run/react";
import {
  ClipboardCopy,
  Ellipsis,
  FileImage,
  FileSpreadsheet,
  Flag,
  Image,
  ImageDown,
  MessageSquarePlus,
  ScanSearch,
} from "lucide-react";
import type { WidgetView } from "#contracts/widgets.ts";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { useToast } from "../../components/toast.tsx";
import { useCan } from "../../lib/me.ts";
import { anchorOfElement } from "../comments/anchor-element.ts";
import { useComments } from "../comments/comment-context.ts";
import type { BodySize } from "../dashboard/grid-layout.ts";
import { type CardTarget, useExplain } from "./explain-scope.tsx";

export interface ExportedWidget {
  id: string;
  title: string;
  subtitle: string;
  policy: string;
  view: WidgetView;
}

const choices = [
  { what: "copy-csv", label: "Copy as CSV", icon: ClipboardCopy, done: "The numbers are on the clipboard." },
  { what: "copy-image", label: "Copy as image", icon: Image, done: "The image is on the clipboard." },
  { what: "csv", label: "Download CSV", icon: FileSpreadsheet, done: null },
  { what: "png", label: "Download PNG", icon: ImageDown, done: null },
  { what: "svg", label: "Download SVG", icon: FileImage, done: null },
] as const;
export type ExportKind = (typeof choices)[number]["what"];

/** What can be taken from a card. The code that makes the files is fetched when it is first wanted. */
export function WidgetMenu({
  widget,
  size,
  note,
  className,
}: {
  widget: ExportedWidget;
  size: BodySize;
  note: string;
  className?: string;
}) {
  const toast = useToast();
  const scope = useExplain();
  const explained = explainedOf(widget.view);
  const comments = useComments();
  const mayComment = useCan("comment.write");
  const mayAnnotate = useCan("annotations.edit");
  const { pathname, search } = useLocation();
  const take = async (choice: (typeof choices)[number]) => {
    try {
      const { exportWidget } = await import("./export-widget.tsx");
      await exportWidget(choice.what, { ...widget, size, note });
      if (choice.done) toast({ message: choice.done, tone: "positive" });
    } catch {
      toast({ message: `“${widget.title}” could not be exported. Try another format.`, tone: "negative" });
    }
  };
  return (
    <DisclosureMenu
      summary={
        <>
          <Ellipsis aria-hidden="true" className="size-4" />
          <span className="sr-only">Export {widget.title}</span>
        </>
      }
      summaryClass="grid size-6 place-items-center rounded-md bg-surface text-ink-3 hover:bg-hover hover:text-ink"
      panelClass="right-0 top-7 min-w-44"
      className={cx(
        "needs-scripts absolute! z-30 opacity-0 transition-opacity duration-100 group-hover/card:opacity-100 group-focus-within/card:opacity-100 open:opacity-100 pointer-coarse:opacity-100",
        className,
      )}
    >
      {explained && scope ? (
        <Link
          to={scope.link(explained)}
          className="mb-1 flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm hover:bg-hover"
        >
          <ScanSearch aria-hidden="true" className="size-4 text-ink-3" strokeWidth={1.75} />
          Explain
        </Link>
      ) : null}
      {comments && mayComment ? (
        <button
          type="button"
          data-closes
          onClick={(event) => {
            const card = event.currentTarget.closest<HTMLElement>("[data-widget]");
            const anchor = card && anchorOfElement(card, comments.dashboardId);
            if (anchor) comments.open({ kind: "new", anchor }, card);
            else comments.setPicking(true);
          }}
          className="flex h-8 w-full items-center gap-2.5 rounded-lg px-2.5 text-left text-sm hover:bg-hover"
        >
          <MessageSquarePlus aria-hidden="true" className="size-4 text-ink-3" strokeWidth={1.75} />
          Comment
        </button>
      ) : null}
      {choices.map((choice) => {
        const Icon = choice.icon;
        return (
          <button
            key={choice.what}
            type="button"
            data-closes
            onClick={() => void take(choice)}
            className="flex h-8 w-full items-center gap-2.5 rounded-lg px-2.5 text-left text-sm hover:bg-hover"
          >
            <Icon aria-hidden="true" className="size-4 text-ink-3" strokeWidth={1.75} />
            {choice.label}
          </button>
        );
      })}
      {timed.has(widget.view.type) && mayAnnotate ? (
        <Link
          to={`/annotations?next=${encodeURIComponent(pathname + search)}`}
          className="mt-1 flex h-8 items-center gap-2.5 rounded-lg border-t border-line px-2.5 text-sm hover:bg-hover"
        >
          <Flag aria-hidden="true" className="size-4 text-ink-3" strokeWidth={1.75} />
          Add annotation
        </Link>
      ) : null}
    </DisclosureMenu>
  );
}

/** Charts with a time axis, on which notes are marked. */
const timed: ReadonlySet<WidgetView["type"]> = new Set(["series", "movements"]);

/** The number of a card that its menu explains: the last one. Of cohorts, every cell explains itself. */
function explainedOf(view: WidgetView): CardTarget | null {
  switch (view.type) {
    case "kpi":
      return { metric: view.metric, period: view.point.period };
    case "series": {
      const [line] = view.lines;
      const point = line?.points.at(-1);
      return line && point ? { metric: line.metric, period: point.period } : null;
    }
    case "movements": {
      const point = view.points.at(-1);
      return point ? { metric: "net_new_mrr", period: point.period } : null;
    }
    case "composition":
      return { metric: "composition", by: view.by, at: view.at };
    case "top_customers":
      return { metric: "composition", by: "plan", at: view.asOf };
    default:
      return null;
  }
}
