import { Form, Link } from "@remix-run/react";
import { Check, ChevronsUpDown, Plus } from "lucide-react";
import { Badge } from "../../components/badge.tsx";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { useMe } from "../../lib/me.ts";

const row =
  "flex min-h-9 w-full items-center gap-2 rounded-lg px-2.5 py-1.5 text-left text-sm hover:bg-hover";

/** The organisation in view, and the others one may switch to. */
export function OrganisationSwitcher({ compact = false }: { compact?: boolean }) {
  const { organisation, organisations } = useMe();
  return (
    <DisclosureMenu
      summaryClass={cx(
        "flex items-center gap-2 font-medium hover:bg-hover",
        compact
          ? "h-9 max-w-44 rounded-lg px-2 text-sm"
          : "h-9 rounded-lg border border-line-strong bg-surface px-2.5 text-sm",
      )}
      panelClass={cx("top-full left-0 mt-1", compact ? "w-64" : "w-full min-w-60")}
      summary={
        <>
          <span className="sr-only">Switch organisation, now </span>
          <span className="min-w-0 flex-1 truncate">{organisation.name}</span>
          <ChevronsUpDown aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" />
        </>
      }
    >
      <p className="px-2.5 pt-1 pb-1.5 text-xs text-ink-3">Organisations</p>
      <ul className="max-h-72 overflow-y-auto">
        {organisations.map((choice) => (
          <li key={choice.id}>
            <Form method="post" action="/organisations/switch">
              <input type="hidden" name="id" value={choice.id} />
              <button
                type="submit"
                data-closes
                className={row}
                aria-current={choice.id === organisation.id ? "true" : undefined}
              >
                <span className="min-w-0 flex-1 truncate">{choice.name}</span>
                {choice.is_demo ? <Badge>Demo</Badge> : null}
                <Check
                  aria-hidden="true"
                  className={cx("size-4 shrink-0 text-accent", choice.id !== organisation.id && "invisible")}
                />
              </button>
            </Form>
          </li>
        ))}
      </ul>
      <div className="mt-1.5 border-t border-line pt-1.5">
        <Link to="/organisations/new" className={cx(row, "text-ink-2")}>
          <Plus aria-hidden="true" className="size-4" />
          New organisation
        </Link>
      </div>
    </DisclosureMenu>
  );
}
