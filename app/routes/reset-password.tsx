import { type HeadersFunction, type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from "@remix-run/react";
import { passwordMinimum } from "#contracts/accounts.ts";
import { Button, ButtonLink } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { PasswordField } from "../features/account/password-field.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Choose a new password · Jarvis360" }];

// the token stands in the address: no other site may learn it
export const headers: HeadersFunction = () => ({ "Referrer-Policy": "no-referrer" });

export const loader = () => ({ passwordMinimum });

export const action = submitted(async ({ request, context }) => {
  const form = await request.formData();
  await context.trpc.account.reset({
    token: fieldText(form, "token"),
    password: fieldText(form, "password"),
  });
  throw redirect("/login?notice=reset");
});

export default function ResetPassword() {
  const { passwordMinimum } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const token = useSearchParams()[0].get("token");
  const pending = useNavigation().state !== "idle";
  if (!token)
    return (
      <Entrance title="Choose a new password">
        <Callout tone="warning" title="The link is not complete">
          Open it from the mail again, or ask for a new one.
        </Callout>
        <ButtonLink to="/forgot-password" size="xl">
          Ask for a new link
        </ButtonLink>
      </Entrance>
    );
  return (
    <Entrance
      title="Choose a new password"
      lead="All other sessions of yours will be signed out."
      foot={
        <Link className="link" to="/forgot-password">
          Ask for a new link
        </Link>
      }
    >
      <FormFailure failure={failure} shown={["password"]} />
      <Form method="post" className="grid gap-4">
        <input type="hidden" name="token" value={token} />
        <PasswordField
          label="New password"
          name="password"
          autoComplete="new-password"
          required
          minLength={passwordMinimum}
          hint={`At least ${passwordMinimum} characters. A few words in a row are easy to remember.`}
          error={failure?.fields.password}
        />
        <Button type="submit" variant="primary" size="xl" pending={pending}>
          Change password
        </Button>
      </Form>
    </Entrance>
  );
}
