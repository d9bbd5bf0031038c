import { type ReactNode, useId } from "react";
import { cx } from "./class-names.ts";

interface CardProps {
  title?: ReactNode;
  /** Beside the title, quieter: the unit, the scope. */
  subtitle?: ReactNode;
  /** On the right of the title: a menu, a button. */
  actions?: ReactNode;
  children: ReactNode;
  /** No padding around the content: for tables that reach the edges. */
  flush?: boolean;
  level?: 2 | 3;
  className?: string;
  /** To be linked to. */
  id?: string;
}

/** A surface with a hairline border; no shadow at rest. */
export function Card({ title, subtitle, actions, children, flush, level = 2, className, id }: CardProps) {
  const titleId = useId();
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section
      id={id}
      aria-labelledby={title ? titleId : undefined}
      className={cx("min-w-0 rounded-xl border border-line bg-surface", className)}
    >
      {title ? (
        <header className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3">
          <Heading id={titleId} className="text-base font-semibold">
            {title}
          </Heading>
          {subtitle ? <p className="text-sm text-ink-3">{subtitle}</p> : null}
          {actions ? <div className="ml-auto flex items-center gap-2">{actions}</div> : null}
        </header>
      ) : null}
      <div className={flush ? undefined : cx("px-5 pb-5", !title && "pt-5")}>{children}</div>
    </section>
  );
}
