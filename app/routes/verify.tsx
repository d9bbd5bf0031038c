import { type HeadersFunction, type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useNavigation, useSearchParams } from "@remix-run/react";
import { Button } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { afterConfirmOf, clearAfterConfirm } from "../lib/after-confirm.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Confirm your e-mail · Jarvis360" }];

// the token stands in the address: no other site may learn it
export const headers: HeadersFunction = () => ({ "Referrer-Policy": "no-referrer" });

/** Only the button confirms: programs that scan mails open links by themselves. */
export const action = submitted(async ({ request, context }) => {
  const { status } = await context.trpc.account.verifyEmail({
    token: fieldText(await request.formData(), "token"),
  });
  const next = afterConfirmOf(request.headers.get("cookie"));
  throw redirect(status === "signed_in" ? next : `/login?notice=confirmed&next=${encodeURIComponent(next)}`, {
    headers: { "Set-Cookie": clearAfterConfirm },
  });
});

export default function Verify() {
  const failure = failureIn(useActionData<typeof action>());
  const token = useSearchParams()[0].get("token");
  const pending = useNavigation().state !== "idle";
  return (
    <Entrance
      title="Confirm your e-mail"
      lead={token ? "One click, and this address is yours here." : undefined}
      foot={
        <Link className="link" to="/login">
          Go to sign in
        </Link>
      }
    >
      <FormFailure failure={failure} />
      {token ? (
        <Form method="post" className="grid">
          <input type="hidden" name="token" value={token} />
          <Button type="submit" variant="primary" size="xl" pending={pending}>
            Confirm e-mail
          </Button>
        </Form>
      ) : (
        <Callout tone="warning" title="The link is not complete">
          Open it from the mail again. You can ask for a new one in your profile.
        </Callout>
      )}
    </Entrance>
  );
}
