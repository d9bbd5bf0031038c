import { Link, useLocation } from "@remix-run/react";
import { cx } from "../../components/class-names.ts";
import { destinations, settingsDestination } from "./navigation.ts";

/** The same destinations at the thumb, on narrow screens. */
export function PhoneBar() {
  const { pathname } = useLocation();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      <ul className="mx-auto flex max-w-lg">
        {[...destinations.filter(({ wideOnly }) => !wideOnly), settingsDestination].map(
          ({ to, label, icon: Icon, owns }) => {
            const current = owns.test(pathname);
            return (
              <li key={to} className="flex-1">
                <Link
                  to={to}
                  prefetch="intent"
                  aria-current={current ? "page" : undefined}
                  className={cx(
                    "grid h-14 place-items-center content-center gap-0.5 text-2xs font-medium",
                    current ? "text-accent" : "text-ink-3",
                  )}
                >
                  <Icon aria-hidden="true" className="size-5" strokeWidth={1.75} />
                  {label}
                </Link>
              </li>
            );
          },
        )}
      </ul>
    </nav>
  );
}
