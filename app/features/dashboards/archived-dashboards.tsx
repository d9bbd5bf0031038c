import { Form } from "@remix-run/react";
import { formatDay } from "#charts/format-dates.ts";
import type { DashboardItem } from "#contracts/dashboards.ts";
import { Button } from "../../components/button.tsx";
import { titleOr } from "./dashboard-words.ts";

export const ArchivedDashboards = ({
  dashboards,
  mayEdit,
}: {
  dashboards: readonly DashboardItem[];
  mayEdit: boolean;
}) => (
  <ul aria-label="Archived dashboards" className="divide-y divide-line border-t border-line">
    {dashboards.map(({ id, title, archived_at }) => (
      <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-2.5">
        <span className="min-w-0 truncate text-ink-2">{titleOr(title)}</span>
        <span className="text-xs text-ink-3">
          archived on <span className="tabular">{formatDay((archived_at ?? "").slice(0, 10))}</span>
        </span>
        {mayEdit ? (
          <Form method="post" preventScrollReset className="ml-auto">
            <input type="hidden" name="id" value={id} />
            <Button type="submit" size="sm" name="intent" value="restore">
              Restore<span className="sr-only"> {titleOr(title)}</span>
            </Button>
          </Form>
        ) : null}
      </li>
    ))}
  </ul>
);
