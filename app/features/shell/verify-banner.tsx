import { Link, useFetcher } from "@remix-run/react";
import { MailWarning } from "lucide-react";
import { useMe } from "../../lib/me.ts";

/** Reminds whoever has not confirmed their address, and says where the mail is. */
export function VerifyBanner() {
  const { user, mail_is_sent } = useMe();
  const fetcher = useFetcher();
  if (user.email_verified) return null;
  const sent = fetcher.state === "idle" && fetcher.data !== undefined;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warning-soft px-4 py-2 text-sm sm:px-6">
      <MailWarning aria-hidden="true" className="size-4 text-warning" />
      <p className="min-w-0 flex-1">
        Confirm your address <span className="font-medium">{user.email}</span>{" "}
        {mail_is_sent ? (
          "with the link that we mailed to it."
        ) : (
          <>
            with the link in the{" "}
            <Link to="/settings/outbox" className="link">
              outbox
            </Link>
            : no mail server is set here.
          </>
        )}
      </p>
      <fetcher.Form method="post" action="/verify/resend">
        <button type="submit" className="rounded font-medium text-accent hover:underline" disabled={sent}>
          {sent ? "Sent again" : "Send it again"}
        </button>
      </fetcher.Form>
    </div>
  );
}
