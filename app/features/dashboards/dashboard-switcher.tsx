import { Link } from "@remix-run/react";
import { Check, ChevronsUpDown, LayoutList } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { titleOr } from "./dashboard-words.ts";

const row =
  "flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm font-normal tracking-normal hover:bg-hover";

/** The other dashboards, beside the title of the one in view. */
export const DashboardSwitcher = ({
  dashboards,
  current,
}: {
  dashboards: readonly { id: string; title: string }[];
  current: string | null;
}) => (
  <DisclosureMenu
    summaryClass="grid size-7 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
    panelClass="top-9 -left-2 w-72 max-sm:fixed max-sm:inset-x-4 max-sm:top-auto max-sm:mt-1 max-sm:w-auto"
    summary={
      <>
        <ChevronsUpDown aria-hidden="true" className="size-4" />
        <span className="sr-only">Other dashboards</span>
      </>
    }
  >
    <ul aria-label="Dashboards" className="max-h-80 overflow-auto">
      {dashboards.map(({ id, title }, index) => (
        <li key={id}>
          <Link
            to={index === 0 ? "/" : `/dashboards/${id}`}
            prefetch="intent"
            aria-current={id === current ? "page" : undefined}
            className={cx(row, id === current && "font-medium")}
          >
            <Check
              aria-hidden="true"
              className={cx("size-4 shrink-0 text-accent", id !== current && "invisible")}
            />
            <span className="truncate">{titleOr(title)}</span>
          </Link>
        </li>
      ))}
    </ul>
    <Link to="/dashboards" className={cx(row, "mt-1 border-t border-line text-ink-2")}>
      <LayoutList aria-hidden="true" className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} />
      All dashboards, new dashboard
    </Link>
  </DisclosureMenu>
);
