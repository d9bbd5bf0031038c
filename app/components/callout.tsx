import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

type CalloutTone = "info" | "positive" | "warning" | "negative";

const looks = {
  info: { icon: Info, box: "bg-sunken border-line", mark: "text-ink-3" },
  positive: { icon: CircleCheck, box: "bg-positive-soft border-positive/25", mark: "text-positive" },
  warning: { icon: TriangleAlert, box: "bg-warning-soft border-warning/25", mark: "text-warning" },
  negative: { icon: CircleAlert, box: "bg-negative-soft border-negative/25", mark: "text-negative" },
} as const satisfies Record<CalloutTone, unknown>;

/** Says what happened and what to do, where it happened. `live` announces it to screen readers when it appears. */
export function Callout({
  tone = "info",
  title,
  children,
  actions,
  live,
}: {
  tone?: CalloutTone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  live?: boolean;
}) {
  const { icon: Icon, box, mark } = looks[tone];
  return (
    <div
      role={live ? (tone === "negative" ? "alert" : "status") : undefined}
      className={cx("flex gap-3 rounded-lg border px-4 py-3 text-sm", box)}
    >
      <Icon aria-hidden="true" className={cx("mt-0.5 size-4 shrink-0", mark)} />
      <div className="grid min-w-0 flex-1 gap-1">
        {title ? <p className="font-medium">{title}</p> : null}
        {children ? <div className="text-ink-2 wrap-anywhere">{children}</div> : null}
        {actions ? <div className="mt-1.5 flex flex-wrap gap-2">{actions}</div> : null}
      </div>
    </div>
  );
}
