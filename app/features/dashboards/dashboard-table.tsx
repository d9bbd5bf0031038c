import { Form, Link } from "@remix-run/react";
import { formatDay } from "#charts/format-dates.ts";
import type { DashboardItem } from "#contracts/dashboards.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import type { Failure } from "../../lib/failure.ts";
import { titleOr } from "./dashboard-words.ts";

/** Every dashboard with what can be done to it; forms, so that it works without scripts. */
export const DashboardTable = ({
  dashboards,
  mayEdit,
  failure,
}: {
  dashboards: readonly DashboardItem[];
  mayEdit: boolean;
  failure: Failure | null;
}) => (
  <ul aria-label="Dashboards" className="divide-y divide-line border-t border-line">
    {dashboards.map(({ id, title, created_at }, index) => (
      <li key={id} className="grid gap-x-4 gap-y-1 px-5 py-3 sm:grid-cols-[1fr_auto]">
        <div className="min-w-0">
          <div className="flex items-center gap-2">
            <Link
              to={index === 0 ? "/" : `/dashboards/${id}`}
              prefetch="intent"
              className="min-w-0 truncate font-medium hover:underline"
            >
              {titleOr(title)}
            </Link>
            {index === 0 ? <Badge tone="accent">Start page</Badge> : null}
          </div>
          <p className="text-xs text-ink-3">
            made on <span className="tabular">{formatDay(created_at.slice(0, 10))}</span>
          </p>
          {mayEdit ? (
            <details open={failure?.typed.id === id} className="mt-1">
              <summary className="link w-max cursor-pointer text-sm">
                Rename<span className="sr-only"> {titleOr(title)}</span>
              </summary>
              <Form method="post" preventScrollReset className="flex flex-wrap items-end gap-2 py-3">
                <input type="hidden" name="intent" value="rename" />
                <input type="hidden" name="id" value={id} />
                <TextField
                  label="Title"
                  name="title"
                  required
                  maxLength={200}
                  className="min-w-60 flex-1"
                  defaultValue={failure?.typed.id === id ? failure.typed.title : title}
                  error={failure?.typed.id === id ? failure.fields.title : null}
                />
                <Button type="submit" size="lg">
                  Save title
                </Button>
              </Form>
            </details>
          ) : null}
        </div>
        {mayEdit ? (
          <Form method="post" preventScrollReset className="flex items-start gap-1 max-sm:-ml-2.5">
            <input type="hidden" name="id" value={id} />
            <Button type="submit" size="sm" variant="ghost" name="intent" value="duplicate">
              Duplicate<span className="sr-only"> {titleOr(title)}</span>
            </Button>
            <Button type="submit" size="sm" variant="ghost" name="intent" value="archive">
              Archive<span className="sr-only"> {titleOr(title)}</span>
            </Button>
          </Form>
        ) : null}
      </li>
    ))}
  </ul>
);
