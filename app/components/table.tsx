import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from "react";
import { cx } from "./class-names.ts";

/**
 * A dense table. It scrolls by itself when it is wider than its place, and the keyboard can reach that: `label` names the
 * scrolling region.
 */
export const Table = ({
  label,
  children,
  className,
}: {
  label: string;
  children: ReactNode;
  className?: string;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: no fieldset, it holds no form
  <div
    role="group"
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    tabIndex={0}
    className={cx("relative overflow-x-auto", className)}
  >
    <table className="w-full border-collapse text-sm">{children}</table>
  </div>
);

export const Th = ({
  numeric,
  className,
  ...rest
}: ThHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean }) => (
  <th
    scope="col"
    {...rest}
    className={cx(
      "h-9 border-b border-line px-3 text-xs font-medium whitespace-nowrap text-ink-3 first:pl-5 last:pr-5",
      numeric ? "text-right" : "text-left",
      className,
    )}
  />
);

export const Td = ({
  numeric,
  className,
  ...rest
}: TdHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean }) => (
  <td
    {...rest}
    className={cx(
      "h-10 border-b border-line px-3 py-1.5 first:pl-5 last:pr-5 [tr:last-child>&]:border-b-0",
      numeric ? "tabular text-right whitespace-nowrap" : "text-left",
      className,
    )}
  />
);
