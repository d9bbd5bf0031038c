import { Grid3x3, Group, Inbox, LayoutDashboard, type LucideIcon, Plug, Settings, Users } from "lucide-react";

export interface Destination {
  to: string;
  label: string;
  icon: LucideIcon;
  /** Paths below which this destination counts as current. */
  owns: RegExp;
  /** The bar of phones has room for five: this one is reached from elsewhere there (filter bar, top bar). */
  wideOnly?: true;
}

/** Where the rail and the phone's bar lead. */
export const destinations: readonly Destination[] = [
  { to: "/", label: "Dashboards", icon: LayoutDashboard, owns: /^\/($|(dashboards|annotations)(\/|$))/ },
  { to: "/inbox", label: "Inbox", icon: Inbox, owns: /^\/inbox(\/|$)/, wideOnly: true },
  { to: "/customers", label: "Customers", icon: Users, owns: /^\/customers(\/|$)/ },
  { to: "/cohorts", label: "Cohorts", icon: Grid3x3, owns: /^\/cohorts(\/|$)/ },
  {
    to: "/segments",
    label: "Segments",
    icon: Group,
    owns: /^\/segments(\/|$)/,
    wideOnly: true,
  },
  { to: "/sources", label: "Sources", icon: Plug, owns: /^\/(sources|uploads|restatements)(\/|$)/ },
];

export const settingsDestination: Destination = {
  to: "/settings",
  label: "Settings",
  icon: Settings,
  owns: /^\/settings(\/|$)/,
};
