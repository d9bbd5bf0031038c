import type { Filter } from "#contracts/analytics.ts";
import type { FilterOption } from "../dashboard/filter-options.ts";
import type { ShownWidget } from "../dashboard/merge-widgets.ts";
import type { DashboardSession, SessionState } from "./session.ts";

export interface EditorProps {
  dashboardId: string;
  session: DashboardSession;
  state: SessionState;
  shown: readonly ShownWidget[];
  /** The grid's width until it is measured. */
  gridWidth: number;
  note: string;
  /** What numbers can be narrowed by, in words. */
  options: readonly FilterOption[];
  /** The page's own filters at the moment. */
  pageFilter: Filter;
  onDone: () => void;
}
