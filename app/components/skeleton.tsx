import { cx } from "./class-names.ts";

/** Keeps the place of what is on its way; give it the size of what will come. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden="true" className={cx("block rounded-md bg-hover", className)} />
);
