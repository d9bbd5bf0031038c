import { cx } from "../../components/class-names.ts";

/** The sign of a restated month, as charts draw it on their axes: a small diamond. What it says stands beside it as text. */
export const RestatedMark = ({ className }: { className?: string }) => (
  <span
    aria-hidden="true"
    className={cx("inline-block size-1.5 shrink-0 rotate-45 bg-(--chart-line-2)", className)}
  />
);
