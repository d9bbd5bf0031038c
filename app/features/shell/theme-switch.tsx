import { useFetcher, useLocation, useRouteLoaderData } from "@remix-run/react";
import { Monitor, Moon, Sun } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import { isTheme, type Theme, themes } from "../../lib/theme.ts";

const looks = {
  system: { label: "System", icon: Monitor },
  light: { label: "Light", icon: Sun },
  dark: { label: "Dark", icon: Moon },
} as const satisfies Record<Theme, unknown>;

/** Light, dark, or as the system has it; kept in a cookie. */
export function ThemeSwitch() {
  const fetcher = useFetcher();
  const { pathname, search } = useLocation();
  const loaded = useRouteLoaderData<{ theme: Theme }>("root");
  const chosen = fetcher.formData?.get("theme");
  const theme = isTheme(chosen) ? chosen : (loaded?.theme ?? "system");
  return (
    <fetcher.Form method="post" action="/theme">
      <input type="hidden" name="back" value={`${pathname}${search}`} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as one row everywhere */}
      <div
        role="group"
        aria-label="Theme"
        className="grid grid-cols-3 gap-0.5 rounded-lg border border-line bg-sunken p-0.5"
      >
        {themes.map((name) => {
          const { label, icon: Icon } = looks[name];
          return (
            <button
              key={name}
              type="submit"
              name="theme"
              value={name}
              aria-pressed={theme === name}
              className={cx(
                "flex h-7 items-center justify-center gap-1.5 rounded-md text-xs font-medium",
                theme === name ? "bg-surface text-ink ring-1 ring-line" : "text-ink-2 hover:text-ink",
              )}
            >
              <Icon aria-hidden="true" className="size-3.5" />
              {label}
            </button>
          );
        })}
      </div>
    </fetcher.Form>
  );
}
