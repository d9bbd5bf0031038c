import { ExternalLink, LockKeyhole } from "lucide-react";
import { buttonClass } from "../../components/button.tsx";
import { createKeyAddress, stripePermissions } from "./stripe-permissions.ts";

/** How to get a key that may read and nothing else, for somebody who has never made one. */
export const KeyGuide = () => (
  <div className="grid gap-4">
    <p className="max-w-prose text-sm text-ink-2">
      A restricted key lets Jarvis360 read what it needs and nothing else: it can neither move money nor
      change anything in Stripe. The button opens Stripe’s own form with these permissions ticked; look them
      through, choose “Create key” and copy it.
    </p>
    <ul
      className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-2"
      aria-label="Permissions of the key, each to read"
    >
      {stripePermissions.map(({ label, why, required }) => (
        <li key={label} className="flex items-baseline gap-2">
          <span
            aria-hidden="true"
            className={`size-1.5 shrink-0 -translate-y-0.5 rounded-full ${required ? "bg-accent-fill" : "border border-line-control"}`}
          />
          <span className="min-w-0">
            <span className="font-medium">{label}</span>
            <span className="text-ink-3">: {why}</span>
            {required ? <span className="sr-only"> (needed)</span> : null}
          </span>
        </li>
      ))}
    </ul>
    <p aria-hidden="true" className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-3">
      <span className="flex items-center gap-1.5">
        <span className="size-1.5 rounded-full bg-accent-fill" /> needed
      </span>
      <span className="flex items-center gap-1.5">
        <span className="size-1.5 rounded-full border border-line-control" /> the numbers are finer with it
      </span>
    </p>
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <a
        href={createKeyAddress()}
        target="_blank"
        rel="noreferrer"
        className={buttonClass("secondary", "lg")}
      >
        Make the key in Stripe
        <ExternalLink aria-hidden="true" className="size-3.5 text-ink-3" />
        <span className="sr-only">(opens in a new tab)</span>
      </a>
      <p className="flex items-center gap-1.5 text-xs text-ink-3">
        <LockKeyhole aria-hidden="true" className="size-3.5" />
        The key is stored encrypted and never shown again.
      </p>
    </div>
  </div>
);
