import { data, type HeadersFunction, type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { passwordMinimum } from "#contracts/accounts.ts";
import { Button, ButtonLink } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { CheckMail } from "../features/account/check-mail.tsx";
import { ConfirmFirst } from "../features/account/confirm-first.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { PasswordField } from "../features/account/password-field.tsx";
import { afterConfirmCookie } from "../lib/after-confirm.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { failureOf, guarded, submitted } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Invitation · Jarvis360" }];

// the token stands in the address: no other site may learn it
export const headers: HeadersFunction = () => ({ "Referrer-Policy": "no-referrer" });

/** Shows what the link offers; looking at it uses nothing up. */
export const loader = guarded(async ({ request, context }) => {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  const { user, mail_is_sent } = await context.me();
  const who = {
    signedIn: user?.email ?? null,
    confirmed: user?.email_verified ?? false,
    mailIsSent: mail_is_sent,
  };
  try {
    const preview = await context.trpc.invitations.preview({ token });
    return { token, who, preview, refused: null, passwordMinimum };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure || failure.status >= 500) throw error;
    return {
      token,
      who,
      preview: null,
      passwordMinimum,
      refused: Object.keys(failure.fields).length > 0 ? "The link is not complete." : failure.message,
    };
  }
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    const token = fieldText(form, "token");
    if (fieldText(form, "intent") === "join") {
      const email = fieldText(form, "email");
      const { status } = await context.trpc.account.signUp({
        email,
        name: fieldText(form, "name").trim(),
        password: fieldText(form, "password"),
        invitation: token,
      });
      const here = `/invitation?token=${encodeURIComponent(token)}`;
      const headers = { "Set-Cookie": afterConfirmCookie(here) };
      if (status === "check_mail") return data({ sentTo: email }, { headers });
      throw redirect(here, { headers });
    }
    await context.trpc.invitations.accept({ token });
    throw redirect("/");
  },
  ["name"],
);

export default function Invitation() {
  const { token, who, preview, refused, passwordMinimum } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const pending = useNavigation().formMethod === "POST";
  if (answer && "sentTo" in answer) return <CheckMail address={answer.sentTo} purpose="verify" />;
  if (!preview)
    return (
      <Entrance title="This invitation does not work">
        <Callout tone="warning">{refused}</Callout>
        <ButtonLink to="/" size="xl">
          Go to the start page
        </ButtonLink>
      </Entrance>
    );
  const { signedIn } = who;
  const here = `/invitation?token=${encodeURIComponent(token)}`;
  const isTheirs = signedIn === preview.email;
  return (
    <Entrance
      title={`Join ${preview.organisation}`}
      lead={`${preview.invited_by} invites you as ${preview.role}.`}
      foot={
        signedIn ? null : (
          <>
            You have an account already?{" "}
            <Link className="link" to={`/login?next=${encodeURIComponent(here)}`}>
              Sign in to accept
            </Link>
          </>
        )
      }
    >
      <FormFailure failure={failure} shown={["name", "password"]} />
      {signedIn ? (
        isTheirs && !who.confirmed ? (
          <ConfirmFirst mailIsSent={who.mailIsSent} />
        ) : isTheirs ? (
          <Form method="post" className="grid">
            <input type="hidden" name="token" value={token} />
            <Button type="submit" variant="primary" size="xl" pending={pending}>
              Accept as {signedIn}
            </Button>
          </Form>
        ) : (
          <Callout tone="warning" title={`This invitation is for ${preview.email}`}>
            <p>You are signed in as {signedIn}. Sign out, then open the link again.</p>
            <Form method="post" action="/logout" className="mt-2">
              <Button type="submit">Sign out</Button>
            </Form>
          </Callout>
        )
      ) : (
        <Form method="post" className="grid gap-4">
          <input type="hidden" name="token" value={token} />
          <input type="hidden" name="intent" value="join" />
          <TextField
            label="E-mail"
            name="email"
            type="email"
            value={preview.email}
            readOnly
            autoComplete="username"
          />
          <TextField
            label="Your name"
            name="name"
            autoComplete="name"
            maxLength={200}
            defaultValue={failure?.typed.name}
            error={failure?.fields.name}
          />
          <PasswordField
            label="Choose a password"
            name="password"
            autoComplete="new-password"
            required
            minLength={passwordMinimum}
            hint={`At least ${passwordMinimum} characters. A few words in a row are easy to remember.`}
            error={failure?.fields.password}
          />
          <Button type="submit" variant="primary" size="xl" pending={pending}>
            Create account and join
          </Button>
        </Form>
      )}
    </Entrance>
  );
}
