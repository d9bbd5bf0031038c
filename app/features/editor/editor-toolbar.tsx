import { Link } from "@remix-run/react";
import { Filter as FilterIcon, History, Plus, Redo2, Smartphone, Trash2, Undo2 } from "lucide-react";
import { restoreWidget, setFilters } from "#collab/dashboard-commands.ts";
import { Button, buttonClass, IconButton } from "../../components/button.tsx";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { useMembers } from "../../lib/use-members.ts";
import { withChosen } from "../dashboard/filter-options.ts";
import type { EditorProps } from "./editor-props.ts";
import { typeNames } from "./widget-names.ts";

const menu = "top-9 left-0 w-72 max-sm:fixed max-sm:inset-x-4 max-sm:top-auto max-sm:mt-1 max-sm:w-auto";

/** What concerns the whole dashboard: adding, undo, its filters, what was deleted, its history. */
export function EditorToolbar({
  dashboardId,
  session,
  state,
  options,
  pageFilter,
  isPhone,
  mayShowPhone,
  onAdd,
  onPhone,
  onDone,
}: EditorProps & {
  isPhone: boolean;
  mayShowPhone: boolean;
  onAdd: () => void;
  onPhone: (isPhone: boolean) => void;
}) {
  return (
    <div
      role="toolbar"
      aria-label="Edit the dashboard"
      className="sticky top-0 z-40 flex flex-wrap items-center gap-2 rounded-xl border border-line bg-surface p-2 lg:top-16"
    >
      <Button variant="primary" icon={<Plus aria-hidden="true" className="size-4" />} onClick={onAdd}>
        Add widget
      </Button>
      <div className="flex">
        <IconButton
          label="Undo"
          title="Undo (Ctrl Z)"
          aria-keyshortcuts="Control+Z Meta+Z"
          disabled={!state.canUndo}
          onClick={session.undo}
        >
          <Undo2 aria-hidden="true" className="size-4" />
        </IconButton>
        <IconButton
          label="Redo"
          title="Redo (Ctrl Shift Z)"
          aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z"
          disabled={!state.canRedo}
          onClick={session.redo}
        >
          <Redo2 aria-hidden="true" className="size-4" />
        </IconButton>
      </div>
      {mayShowPhone ? (
        <Button
          variant={isPhone ? "secondary" : "ghost"}
          aria-pressed={isPhone}
          icon={<Smartphone aria-hidden="true" className="size-4" />}
          onClick={() => onPhone(!isPhone)}
        >
          Phone layout
        </Button>
      ) : null}
      <FilterMenu {...{ session, state, options, pageFilter }} />
      {state.deleted.length > 0 ? <DeletedMenu session={session} deleted={state.deleted} /> : null}
      <Link to={`/dashboards/${dashboardId}/versions`} className={buttonClass("ghost")}>
        <History aria-hidden="true" className="size-4" />
        History
      </Link>
      <Button className="ml-auto" onClick={onDone}>
        Done
      </Button>
    </div>
  );
}

/** What narrows every number of the dashboard, for everybody who opens it. */
function FilterMenu({
  session,
  state,
  options,
  pageFilter,
}: Pick<EditorProps, "session" | "state" | "options" | "pageFilter">) {
  const saved = Object.entries(state.filters);
  const words = (filter: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(filter).map(([key, values]) => {
      const option = options.find((one) => one.key === key) ?? { key, label: key, values: [] };
      const known = withChosen(option, { [key]: [...values] });
      const names = values.map((value) => known.find((one) => one.value === value)?.label ?? value);
      return `${option.label}: ${names.join(" or ")}`;
    });
  const hasPage = Object.keys(pageFilter).length > 0;
  return (
    <DisclosureMenu
      summaryClass={buttonClass("ghost")}
      panelClass={menu}
      summary={
        <>
          <FilterIcon aria-hidden="true" className="size-4" />
          Filters{saved.length > 0 ? ` (${saved.length})` : ""}
        </>
      }
    >
      <div className="grid gap-2 p-2 text-sm">
        <p className="font-medium">For everybody who opens it</p>
        {saved.length > 0 ? (
          <ul className="grid gap-1 text-ink-2">
            {words(state.filters).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ) : (
          <p className="text-ink-2">
            This dashboard shows everything. Filter the page above, then keep that for everybody.
          </p>
        )}
        <Button
          size="sm"
          data-closes
          disabled={!hasPage}
          onClick={() => session.run((doc, actor) => setFilters(doc, pageFilter, actor))}
        >
          Keep the page's filters
        </Button>
        {saved.length > 0 ? (
          <Button
            size="sm"
            variant="ghost"
            data-closes
            onClick={() => session.run((doc, actor) => setFilters(doc, {}, actor))}
          >
            Take all off
          </Button>
        ) : null}
      </div>
    </DisclosureMenu>
  );
}

function DeletedMenu({
  session,
  deleted,
}: {
  session: EditorProps["session"];
  deleted: EditorProps["state"]["deleted"];
}) {
  const names = new Map(useMembers().map(({ id, name, email }) => [id, name || email]));
  return (
    <DisclosureMenu
      summaryClass={buttonClass("ghost")}
      panelClass={`${menu} max-h-80 overflow-auto`}
      summary={
        <>
          <Trash2 aria-hidden="true" className="size-4" />
          Deleted ({deleted.length})
        </>
      }
    >
      <ul aria-label="Deleted widgets">
        {deleted.map(({ id, title, type, by }) => {
          const name = title || typeNames[type] || "Widget";
          const who = names.get(by);
          return (
            <li key={id} className="flex items-center gap-2 rounded-lg px-2.5 py-1 text-sm">
              <span className="min-w-0 flex-1">
                <span className="block truncate">{name}</span>
                {who ? <span className="block truncate text-xs text-ink-3">by {who}</span> : null}
              </span>
              <Button size="sm" data-closes onClick={() => session.run((doc) => restoreWidget(doc, id))}>
                Restore<span className="sr-only"> {name}</span>
              </Button>
            </li>
          );
        })}
      </ul>
    </DisclosureMenu>
  );
}
