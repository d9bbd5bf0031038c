import type { ReactNode } from "react";

/** Where nothing is yet: says what will be here and how to get it. */
export const EmptyState = ({
  icon,
  title,
  children,
  actions,
}: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) => (
  <div className="mx-auto grid max-w-md justify-items-center gap-2 px-6 py-12 text-center">
    {icon ? (
      <div
        aria-hidden="true"
        className="mb-2 grid size-11 place-items-center rounded-xl border border-line bg-sunken text-ink-2 [&>svg]:size-5"
      >
        {icon}
      </div>
    ) : null}
    <h2 className="text-lg font-semibold">{title}</h2>
    {children ? <div className="text-sm text-ink-2">{children}</div> : null}
    {actions ? <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div> : null}
  </div>
);
