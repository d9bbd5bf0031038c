import {
  ChartColumnStacked,
  ChartLine,
  Grid3x3,
  Hash,
  type LucideIcon,
  PanelsTopLeft,
  Table2,
  Trophy,
} from "lucide-react";
import { addWidget } from "#collab/dashboard-commands.ts";
import type { WidgetType } from "#contracts/widgets.ts";
import { Dialog } from "../../components/dialog.tsx";
import type { DashboardSession } from "./session.ts";
import { widgetKinds } from "./widget-names.ts";

const icons: Record<WidgetType, LucideIcon> = {
  kpi: Hash,
  series: ChartLine,
  movements: ChartColumnStacked,
  composition: PanelsTopLeft,
  top_customers: Trophy,
  cohort_heatmap: Grid3x3,
  retention_table: Table2,
};

/** What can be put on the dashboard. */
export const Gallery = ({
  open,
  session,
  onClose,
  onAdded,
}: {
  open: boolean;
  session: DashboardSession;
  onClose: () => void;
  onAdded: (id: string, name: string) => void;
}) => (
  <Dialog
    open={open}
    onClose={onClose}
    title="Add a widget"
    description="It goes to the first free place. Move it wherever it belongs."
    width="lg"
  >
    <ul className="grid gap-2 sm:grid-cols-2">
      {widgetKinds.map(({ type, name, text, cfg }) => {
        const Icon = icons[type];
        return (
          <li key={type}>
            <button
              type="button"
              onClick={() =>
                onAdded(
                  session.run((doc, actor) => addWidget(doc, { type, cfg }, actor)),
                  name,
                )
              }
              className="flex h-full w-full items-start gap-3 rounded-xl border border-line p-3 text-left transition-colors duration-100 hover:border-line-strong hover:bg-hover"
            >
              <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent">
                <Icon aria-hidden="true" className="size-4.5" strokeWidth={1.75} />
              </span>
              <span className="grid gap-0.5">
                <span className="text-sm font-medium">{name}</span>
                <span className="text-xs text-ink-2">{text}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  </Dialog>
);
