import { Form, Link } from "@remix-run/react";
import { ChevronsUpDown, LogOut, UserRound } from "lucide-react";
import { Avatar } from "../../components/avatar.tsx";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { useMe } from "../../lib/me.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

const row =
  "flex h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-left text-sm text-ink-2 hover:bg-hover hover:text-ink";

/** Who is signed in: profile, theme, sign out. */
export function PersonMenu({ compact = false }: { compact?: boolean }) {
  const { user } = useMe();
  const name = user.name || user.email;
  return (
    <DisclosureMenu
      summaryClass={cx(
        "flex items-center gap-2.5 hover:bg-hover",
        compact ? "rounded-full" : "h-10 rounded-lg px-2 text-sm",
      )}
      panelClass={compact ? "top-full right-0 mt-1 w-64" : "bottom-full left-0 mb-0.5 w-full min-w-60"}
      summary={
        <>
          <Avatar name={name} id={user.email} size={compact ? "md" : "sm"} />
          <span className="sr-only">Signed in as{compact ? ` ${name}` : ""} </span>
          {compact ? null : (
            <>
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" />
            </>
          )}
        </>
      }
    >
      <div className="px-2.5 py-1.5">
        <p className="truncate text-sm font-medium">{user.name || "No name yet"}</p>
        <p className="truncate text-xs text-ink-3">{user.email}</p>
      </div>
      <div className="px-2.5 py-1.5">
        <ThemeSwitch />
      </div>
      <div className="mt-1 border-t border-line pt-1.5">
        <Link to="/settings" className={row}>
          <UserRound aria-hidden="true" className="size-4" />
          Profile and sessions
        </Link>
        <Form method="post" action="/logout">
          <button type="submit" className={row}>
            <LogOut aria-hidden="true" className="size-4" />
            Sign out
          </button>
        </Form>
      </div>
    </DisclosureMenu>
  );
}
