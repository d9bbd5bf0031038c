import { useNavigate, useSubmit } from "@remix-run/react";
import { Command } from "cmdk";
import {
  Building2,
  History,
  LayoutList,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Sun,
  Upload,
  UserRound,
  Zap,
} from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useMe } from "../../lib/me.ts";
import { destinations, settingsDestination } from "./navigation.ts";
import { useCustomerSearch } from "./use-customer-search.ts";

const item =
  "flex h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm text-ink-2 data-[selected=true]:bg-hover data-[selected=true]:text-ink";
const group =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3";

const themeItems = [
  { theme: "light", label: "Light theme", icon: Sun },
  { theme: "dark", label: "Dark theme", icon: Moon },
  { theme: "system", label: "Theme of the system", icon: Monitor },
] as const;

/** Everything by typing: pages, customers, organisations, theme. Loaded when it is first opened. */
export default function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const navigate = useNavigate();
  const submit = useSubmit();
  const { found, searching } = useCustomerSearch(open ? query : "");
  const me = useMe();

  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    if (open && !element.open) {
      setQuery("");
      element.showModal();
      // by itself the dialog would focus the list around it
      input.current?.focus();
    }
    if (!open && element.open) element.close();
  }, [open]);

  const go = (to: string) => {
    onClose();
    navigate(to);
  };
  const post = (action: string, fields: Record<string, string>) => {
    onClose();
    submit(fields, { method: "post", action, navigate: action !== "/theme" });
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      aria-label="Search and commands"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className="mt-[12vh] w-[calc(100vw-2rem)] max-w-xl rounded-xl border border-line bg-overlay p-0 shadow-pop open:animate-rise"
    >
      <Command label="Search and commands" loop>
        <Command.Input
          ref={input}
          value={query}
          onValueChange={setQuery}
          placeholder="Search customers, pages, actions…"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
        />
        <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-8 text-center text-sm text-ink-3">
            {searching ? "Searching…" : "Nothing found. Try a customer's name or id."}
          </Command.Empty>
          {found.length > 0 ? (
            <Command.Group heading="Customers" className={group}>
              {found.map((customer) => (
                <Command.Item
                  key={customer.customer_id}
                  value={`customer ${customer.customer_id} ${customer.name ?? ""} ${query}`}
                  onSelect={() => go(`/customers/${encodeURIComponent(customer.customer_id)}`)}
                  className={item}
                >
                  <UserRound aria-hidden="true" className="size-4 shrink-0" />
                  <span className="truncate">{customer.name ?? customer.customer_id}</span>
                  {customer.name ? (
                    <span className="truncate text-xs text-ink-3">{customer.customer_id}</span>
                  ) : null}
                </Command.Item>
              ))}
            </Command.Group>
          ) : null}
          <Command.Group heading="Go to" className={group}>
            {[...destinations, settingsDestination].map(({ to, label, icon }) => (
              <Choice key={to} icon={icon} onSelect={() => go(to)}>
                {label}
              </Choice>
            ))}
            <Choice icon={LayoutList} onSelect={() => go("/dashboards")}>
              All dashboards
            </Choice>
            <Choice icon={History} onSelect={() => go("/restatements")}>
              Restatements
            </Choice>
            {me.can["sources.manage"] ? (
              <Choice icon={Zap} onSelect={() => go("/sources/new")}>
                Connect Stripe
              </Choice>
            ) : null}
            {me.can["data.import"] ? (
              <Choice icon={Upload} onSelect={() => go("/sources#upload")}>
                Upload a file
              </Choice>
            ) : null}
          </Command.Group>
          {me.organisations.length > 1 ? (
            <Command.Group heading="Switch organisation" className={group}>
              {me.organisations
                .filter(({ id }) => id !== me.organisation.id)
                .map(({ id, name }) => (
                  <Choice key={id} icon={Building2} onSelect={() => post("/organisations/switch", { id })}>
                    {name}
                  </Choice>
                ))}
            </Command.Group>
          ) : null}
          <Command.Group heading="Actions" className={group}>
            {themeItems.map(({ theme, label, icon }) => (
              <Choice key={theme} icon={icon} onSelect={() => post("/theme", { theme })}>
                {label}
              </Choice>
            ))}
            <Choice icon={LogOut} onSelect={() => post("/logout", {})}>
              Sign out
            </Choice>
          </Command.Group>
        </Command.List>
      </Command>
    </dialog>
  );
}

const Choice = ({
  icon: Icon,
  onSelect,
  children,
}: {
  icon: LucideIcon;
  onSelect: () => void;
  children: ReactNode;
}) => (
  <Command.Item onSelect={onSelect} className={item}>
    <Icon aria-hidden="true" className="size-4 shrink-0" />
    <span className="truncate">{children}</span>
  </Command.Item>
);
