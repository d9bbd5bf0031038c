import { useFetcher } from "@remix-run/react";
import { MailWarning } from "lucide-react";
import { useMe } from "../../lib/me.ts";

/** Reminds whoever has not followed the link that was mailed to them. Where no mail is sent, the profile says it. */
export function VerifyBanner() {
  const { user, mail_is_sent } = useMe();
  const fetcher = useFetcher();
  if (user.email_verified || !mail_is_sent) return null;
  const sent = fetcher.state === "idle" && fetcher.data !== undefined;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warning-soft px-4 py-2 text-sm sm:px-6">
      <MailWarning aria-hidden="true" className="size-4 text-warning" />
      <p className="min-w-0 flex-1">
        Confirm your address <span className="font-medium wrap-anywhere">{user.email}</span> with the link
        that we mailed to it.
      </p>
      <fetcher.Form method="post" action="/verify/resend">
        <button type="submit" className="rounded font-medium text-accent hover:underline" disabled={sent}>
          {sent ? "Sent again" : "Send it again"}
        </button>
      </fetcher.Form>
    </div>
  );
}
