import { NavLink, useLocation } from "@remix-run/react";
import { useEffect, useRef } from "react";
import type { Action } from "#contracts/permissions.ts";
import { cx } from "../../components/class-names.ts";
import { useMe } from "../../lib/me.ts";

const pages: readonly { to: string; label: string; needs?: Action }[] = [
  { to: "/settings", label: "Profile" },
  { to: "/settings/organisation", label: "Organisation" },
  { to: "/settings/policy", label: "Metric policy" },
  { to: "/settings/exclusions", label: "Exclusions" },
  { to: "/settings/finance", label: "Finance" },
  { to: "/settings/members", label: "Members" },
  { to: "/settings/tokens", label: "API tokens", needs: "tokens.manage" },
  { to: "/settings/audit", label: "Audit log", needs: "audit.read" },
  { to: "/settings/outbox", label: "Outbox" },
];

/** The pages of the settings that the reader may open. */
export function SettingsNav() {
  const { can } = useMe();
  const list = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // on a phone most of the list is out of sight, and the page's own name with it
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (list.current && here)
      list.current.scrollLeft = here.offsetLeft - (list.current.clientWidth - here.offsetWidth) / 2;
  }, [pathname]);
  return (
    <nav
      ref={list}
      aria-label="Settings"
      className="relative flex gap-5 overflow-x-auto border-b border-line bg-surface px-4 sm:px-6"
    >
      {pages
        .filter(({ needs }) => !needs || can[needs])
        .map(({ to, label }) => (
          <NavLink
            key={to}
            to={to}
            end
            prefetch="intent"
            className={({ isActive }) =>
              cx(
                "-mb-px border-b-2 py-2.5 text-sm font-medium whitespace-nowrap -outline-offset-2",
                isActive ? "border-ink text-ink" : "border-transparent text-ink-2 hover:text-ink",
              )
            }
          >
            {label}
          </NavLink>
        ))}
    </nav>
  );
}
