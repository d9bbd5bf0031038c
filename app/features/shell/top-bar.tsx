import type { ReactNode } from "react";
import { InboxLink } from "../comments/inbox-badge.tsx";
import { LiveMark } from "../live/live-mark.tsx";
import { OrganisationSwitcher } from "./organisation-switcher.tsx";
import { PersonMenu } from "./person-menu.tsx";

/**
 * The bar above every page: its title, what is quietly true about it (`status`), and what can be done with it (`actions`). On
 * narrow screens it also holds the organisation and the person, which the rail holds elsewhere.
 */
export const TopBar = ({
  title,
  before,
  status,
  actions,
}: {
  title: ReactNode;
  /** Before the title: a way back. */
  before?: ReactNode;
  status?: ReactNode;
  actions?: ReactNode;
}) => (
  <header className="z-30 border-b border-line bg-surface lg:sticky lg:top-0">
    <div className="flex h-12 items-center justify-between gap-2 border-b border-line px-3 lg:hidden">
      <OrganisationSwitcher compact />
      <div className="flex items-center gap-2">
        <InboxLink />
        <PersonMenu compact />
      </div>
    </div>
    <div className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 sm:px-6">
      {before}
      <h1 className="min-w-0 truncate text-lg font-semibold tracking-tight">{title}</h1>
      {status ? <div className="flex items-center gap-2 text-sm text-ink-3">{status}</div> : null}
      <div className="ml-auto flex flex-wrap items-center gap-2">
        <LiveMark />
        {actions}
      </div>
    </div>
  </header>
);

/** The page under the bar: one width for reading pages (`narrow`), the whole width for tables and grids. */
export const PageBody = ({ children, narrow }: { children: ReactNode; narrow?: boolean }) => (
  <div className={`px-4 py-5 sm:px-6 ${narrow ? "max-w-5xl" : ""}`}>{children}</div>
);
