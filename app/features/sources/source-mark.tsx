import { CreditCard } from "lucide-react";
import type { SourceOutput } from "#contracts/sources.ts";
import { cx } from "../../components/class-names.ts";

/** A quiet sign for a billing system; never its trademark. */
export const SourceMark = ({ kind, className }: { kind: SourceOutput["kind"]; className?: string }) => (
  <span
    aria-hidden="true"
    data-kind={kind}
    className={cx(
      "grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-sunken text-ink-2",
      className,
    )}
  >
    <CreditCard className="size-4.5" strokeWidth={1.75} />
  </span>
);
