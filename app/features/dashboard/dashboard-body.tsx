import { LayoutDashboard } from "lucide-react";
import { Suspense } from "react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { lazyPart, SayMissing } from "../../components/lazy-part.tsx";
import type { DashboardData } from "./load-dashboard.server.ts";
import { SessionNotice } from "./session-notice.tsx";
import type { Editing } from "./use-editing.ts";
import { useShownWidgets } from "./use-shown-widgets.ts";
import { WidgetGrid } from "./widget-grid.tsx";

const Editor = lazyPart(() => import("../editor/editor.tsx"), SayMissing);

/** The cards of a dashboard: to be read, or in the editor. Without scripts they are as the server drew them. */
export function DashboardBody({
  data: { dashboard, widgets, filters, options, gridWidth },
  editing,
  note,
  numbersFirst,
}: {
  data: DashboardData;
  editing: Editing;
  note: string;
  /** Charts and tables are drawn the next time. */
  numbersFirst: boolean;
}) {
  const { live, isEditing, mayEdit, start, stop } = editing;
  const { session, state } = live;
  const shown = useShownWidgets(widgets, dashboard?.filters ?? {}, state, numbersFirst);
  const grid = (
    <WidgetGrid
      widgets={shown}
      gridWidth={gridWidth}
      note={note}
      session={state?.isReady && !state.ended ? session : null}
    />
  );
  return (
    <>
      {session && state ? <SessionNotice session={session} ended={state.ended} /> : null}
      {isEditing && session && state?.isReady && !state.ended && dashboard ? (
        <Suspense fallback={grid}>
          <Editor
            dashboardId={dashboard.id}
            session={session}
            state={state}
            shown={shown}
            gridWidth={gridWidth}
            note={note}
            options={options}
            pageFilter={filters.filter}
            onDone={stop}
          />
        </Suspense>
      ) : shown.length === 0 ? (
        <div className="rounded-xl border border-line bg-surface">
          <EmptyState
            icon={<LayoutDashboard />}
            title="This dashboard has no widgets yet"
            actions={
              mayEdit && dashboard ? (
                <Button variant="primary" className="needs-scripts" onClick={start} pending={isEditing}>
                  Add the first widget
                </Button>
              ) : null
            }
          >
            {mayEdit
              ? "Choose numbers, charts and cohorts, and put them where they belong. Others see it as you do it."
              : "Everything that an editor puts on it will be here."}
          </EmptyState>
        </div>
      ) : (
        grid
      )}
    </>
  );
}
