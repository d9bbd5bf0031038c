import { Link, useFetcher } from "@remix-run/react";
import { Button } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";

/** Before an invitation is accepted its address must be confirmed; says where the link for that is. */
export function ConfirmFirst({ mailIsSent }: { mailIsSent: boolean }) {
  const fetcher = useFetcher();
  const sent = fetcher.state === "idle" && fetcher.data !== undefined;
  return (
    <Callout tone="warning" title="One more step: confirm your address">
      {mailIsSent ? (
        "We mailed you a link. Follow it, and you come back here."
      ) : (
        <>
          The link is in{" "}
          <Link className="link" to="/mails">
            your mails
          </Link>{" "}
          on this server. Follow it, and you come back here.
        </>
      )}
      <fetcher.Form method="post" action="/verify/resend" className="mt-2">
        <Button type="submit" size="sm" disabled={sent} pending={fetcher.state !== "idle"}>
          {sent ? "Sent again" : "Send it again"}
        </Button>
      </fetcher.Form>
    </Callout>
  );
}
