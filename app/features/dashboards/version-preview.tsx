import { Form } from "@remix-run/react";
import { LayoutDashboard } from "lucide-react";
import { formatCounted } from "#charts/format.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { WidgetCard } from "../widgets/widget-card.tsx";
import type { VersionsData } from "./load-versions.server.ts";
import "../dashboard/grid.css";

/** The dashboard as it was, with today's numbers, and the button that brings it back. */
export function VersionPreview({
  data: { preview, gridWidth },
  mayEdit,
}: {
  data: VersionsData;
  mayEdit: boolean;
}) {
  if (!preview)
    return (
      <div className="rounded-xl border border-dashed border-line-strong">
        <EmptyState icon={<LayoutDashboard />} title="Choose a version">
          It is shown here as it was, with today's numbers. Restoring one is an edit like any other: nothing
          is lost, what was before is kept too.
        </EmptyState>
      </div>
    );
  // the frame and its padding
  const width = Math.max(300, gridWidth - 26);
  return (
    <section aria-label="The version" className="grid min-w-0 gap-3">
      <header className="flex flex-wrap items-center gap-3">
        <h2 className="min-w-0 truncate text-lg font-semibold">{preview.title}</h2>
        <p className="text-sm text-ink-3">{formatCounted(preview.count, "widget")}</p>
        {mayEdit ? (
          <Form method="post" className="ml-auto">
            <input type="hidden" name="intent" value="restore" />
            <input type="hidden" name="version" value={preview.id} />
            <Button type="submit" variant="primary">
              Restore this version
            </Button>
          </Form>
        ) : null}
      </header>
      <div className="grid-frame isolate rounded-2xl border border-dashed border-line-strong p-3">
        <div className="widget-grid">
          {preview.widgets.map((widget) => (
            <WidgetCard key={`${preview.id} ${widget.id}`} widget={widget} gridWidth={width} note="" />
          ))}
        </div>
      </div>
    </section>
  );
}
