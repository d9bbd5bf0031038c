import { CircleOff, Ellipsis, Merge } from "lucide-react";
import { useState } from "react";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { buttonClass } from "../../components/button.tsx";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { useCan } from "../../lib/me.ts";
import { ExcludeDialog } from "./exclude-dialog.tsx";
import { MergeDialog } from "./merge-dialog.tsx";

const item =
  "flex w-full items-center gap-3 rounded-lg px-3 py-2 text-left text-sm -outline-offset-2 hover:bg-hover";

/** What can be done with a customer that counts as itself. */
export function ManageMenu({ customer }: { customer: CustomerDetail }) {
  const [open, setOpen] = useState<"merge" | "exclude" | null>(null);
  const [mayMerge, mayExclude] = [useCan("customers.merge"), useCan("data.exclude")];
  const close = () => setOpen(null);
  if (customer.merged_into || customer.excluded || !(mayMerge || mayExclude)) return null;
  return (
    <>
      <DisclosureMenu
        summary={
          <>
            <Ellipsis aria-hidden="true" className="size-4" />
            Manage
          </>
        }
        summaryClass={buttonClass(
          "secondary",
          "md",
          "cursor-pointer list-none [&::-webkit-details-marker]:hidden",
        )}
        panelClass="right-0 mt-1 w-64"
      >
        {mayMerge ? (
          <button type="button" data-closes className={item} onClick={() => setOpen("merge")}>
            <Merge aria-hidden="true" className="size-4 text-ink-3" />
            Merge into another…
          </button>
        ) : null}
        {mayExclude ? (
          <button type="button" data-closes className={item} onClick={() => setOpen("exclude")}>
            <CircleOff aria-hidden="true" className="size-4 text-ink-3" />
            Exclude from the numbers…
          </button>
        ) : null}
      </DisclosureMenu>
      {open === "merge" ? <MergeDialog customer={customer} open onClose={close} /> : null}
      {open === "exclude" ? (
        <ExcludeDialog name={customer.name || customer.customer_id} open onClose={close} />
      ) : null}
    </>
  );
}
