import { Link, useLocation } from "@remix-run/react";
import { Search } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import { Logo } from "../../components/logo.tsx";
import { InboxCount } from "../comments/inbox-badge.tsx";
import { type Destination, destinations, settingsDestination } from "./navigation.ts";
import { OrganisationSwitcher } from "./organisation-switcher.tsx";
import { PersonMenu } from "./person-menu.tsx";

/** The left rail of wide screens: organisation, search, destinations, and who is signed in. */
export const Rail = ({ onSearch }: { onSearch: () => void }) => (
  <header className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col gap-1 border-r border-line bg-surface px-3 pt-4 pb-3 lg:flex">
    <Link to="/" className="mb-3 flex items-center rounded-md px-2 py-1" aria-label="Jarvis360, start page">
      <Logo />
    </Link>
    <OrganisationSwitcher />
    <button
      type="button"
      onClick={onSearch}
      aria-keyshortcuts="Control+K Meta+K"
      className="mt-2 mb-2 flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm text-ink-3 hover:bg-hover hover:text-ink"
    >
      <Search aria-hidden="true" className="size-4" />
      <span className="flex-1 text-left">Search</span>
      <kbd className="rounded border border-line px-1 font-sans text-2xs text-ink-3">Ctrl K</kbd>
    </button>
    <nav aria-label="Main" className="grid gap-0.5">
      {destinations.map((destination) => (
        <RailLink key={destination.to} destination={destination} />
      ))}
    </nav>
    <div className="mt-auto grid grid-cols-1 gap-0.5">
      <RailLink destination={settingsDestination} />
      <PersonMenu />
    </div>
  </header>
);

function RailLink({ destination }: { destination: Destination }) {
  const current = destination.owns.test(useLocation().pathname);
  const Icon = destination.icon;
  return (
    <Link
      to={destination.to}
      prefetch="intent"
      aria-current={current ? "page" : undefined}
      className={cx(
        "flex h-8 items-center gap-2.5 rounded-lg px-2.5 text-sm font-medium transition-colors duration-100",
        current ? "bg-hover text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
      )}
    >
      <Icon aria-hidden="true" className="size-4" strokeWidth={1.75} />
      {destination.label}
      {destination.to === "/inbox" ? <InboxCount className="ml-auto" /> : null}
    </Link>
  );
}
