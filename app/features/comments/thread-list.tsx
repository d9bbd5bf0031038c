import { MessageSquarePlus } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { anchorKey, placeOf } from "#contracts/comment-anchors.ts";
import { Button } from "../../components/button.tsx";
import { cx } from "../../components/class-names.ts";
import { Spinner } from "../../components/spinner.tsx";
import { useCan } from "../../lib/me.ts";
import { findAnchorElement } from "./anchor-element.ts";
import { refusalText } from "./comment-action.ts";
import { useCommentEvents } from "./comment-events.ts";
import type { CommentStore, Opened } from "./comment-store.ts";
import { PanelFrame } from "./panel-frame.tsx";
import { isThread, type Thread, ThreadRow } from "./thread-row.tsx";

type State = "open" | "resolved";
const states = { open: "Open", resolved: "Resolved" } as const satisfies Record<State, string>;
const most = 100;

/** The threads of the page, of a card or of one number. */
export function ThreadList({
  store,
  opened,
}: {
  store: CommentStore;
  opened: Extract<Opened, { kind: "list" }>;
}) {
  const mayWrite = useCan("comment.write");
  const [state, setState] = useState<State>("open");
  const [found, setFound] = useState<{ threads: Thread[]; now: number } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const isAll = opened.widgetId === null && opened.key === null;

  const ask = useCallback(async () => {
    try {
      setFound({ threads: await askThreads(store, state), now: Date.now() });
    } catch (error) {
      setFailure(refusalText(error));
    }
  }, [store, state]);
  useEffect(() => {
    setFound(null);
    void ask();
  }, [ask]);
  useCommentEvents(() => void ask());

  const threads = (found?.threads ?? []).filter((thread) => {
    const place = placeOf({ ...thread.thread.anchor });
    if (opened.key !== null) return anchorKey(place) === opened.key;
    return opened.widgetId === null || place.widget_id === opened.widgetId;
  });
  const begin = (pick: boolean) => {
    const { dashboardId } = store;
    if (pick || dashboardId === null) return store.setPicking(true);
    store.open(
      {
        kind: "new",
        anchor: {
          place: { kind: "dashboard", dashboard_id: dashboardId, widget_id: null, path: {} },
          ...{ label: null, shown: null },
        },
      },
      store.opener,
    );
  };

  return (
    <PanelFrame store={store} target={store.opener} title="Comments">
      <div className="flex flex-wrap items-center gap-2 py-2.5">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
        <div role="group" aria-label="Threads" className="flex gap-0.5 rounded-lg bg-sunken p-0.5">
          {(Object.keys(states) as State[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === state}
              onClick={() => setState(name)}
              className={cx(
                "h-6 rounded-md px-2.5 text-xs font-medium",
                name === state ? "bg-surface text-ink ring-1 ring-line" : "text-ink-2 hover:text-ink",
              )}
            >
              {states[name]}
            </button>
          ))}
        </div>
        {mayWrite && isAll ? (
          <Button
            size="sm"
            className="ml-auto"
            icon={<MessageSquarePlus aria-hidden="true" className="size-3.5" />}
            onClick={() => begin(true)}
          >
            Comment on a number
          </Button>
        ) : null}
      </div>
      {failure ? <p className="py-6 text-center text-sm text-ink-3">{failure}</p> : null}
      {!found && !failure ? (
        <div className="grid min-h-24 place-items-center text-ink-3">
          <Spinner />
        </div>
      ) : null}
      {found && threads.length === 0 ? (
        <p className="py-6 text-center text-sm text-ink-2">
          {state === "resolved"
            ? "Nothing has been resolved here yet."
            : mayWrite
              ? "Nobody has said anything here yet. Point at a number and press C, or choose one with the button above."
              : "Nobody has said anything here yet."}
        </p>
      ) : null}
      <ul className="-mx-2 grid gap-0.5">
        {threads.map((thread) => (
          <li key={thread.id}>
            <button
              type="button"
              onClick={() =>
                store.open({ kind: "thread", id: thread.id }, elementOf(store, thread) ?? store.opener)
              }
              className="w-full rounded-lg px-2 py-2 hover:bg-hover"
            >
              <ThreadRow thread={thread} now={found?.now ?? 0} place={store.dashboardId === null} />
            </button>
          </li>
        ))}
      </ul>
      {mayWrite && isAll && store.dashboardId !== null ? (
        <p className="pt-3 text-center text-xs">
          <button type="button" className="link" onClick={() => begin(false)}>
            Comment on the whole dashboard
          </button>
        </p>
      ) : null}
    </PanelFrame>
  );
}

function elementOf(store: CommentStore, { thread }: Thread): HTMLElement | null {
  const { anchor } = thread;
  const element = findAnchorElement(
    placeOf({ ...anchor, dashboard_id: store.dashboardId ?? anchor.dashboard_id }),
  );
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return element;
}

/** A dashboard's own threads, and those of cells that it marks; the page of cohorts has those of all cells. */
async function askThreads({ dashboardId, marks }: CommentStore, state: State): Promise<Thread[]> {
  const { trpc } = await import("../../lib/trpc.ts");
  const { items } = await trpc.comments.list.query({
    ...{ state, limit: most },
    ...(dashboardId === null ? { kind: "cohort_cell" as const } : { dashboard_id: dashboardId }),
  });
  const known = new Set(items.map(({ id }) => id));
  const elsewhere = [...marks.values()].flat().filter(({ id }) => !known.has(id));
  const others =
    state === "open"
      ? await Promise.all(elsewhere.slice(0, 20).map(({ id }) => trpc.comments.get.query({ id })))
      : [];
  return [...items, ...others].filter(isThread);
}
