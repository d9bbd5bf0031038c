import type { VersionItem } from "#contracts/dashboards.ts";

export const versionName = ({ kind, label }: Pick<VersionItem, "kind" | "label">): string =>
  kind === "named"
    ? label.trim() || "Without a name"
    : kind === "daily"
      ? "End of the day"
      : "Before a restore";
