import { type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from "@remix-run/react";
import { passwordMinimum } from "#contracts/accounts.ts";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { CheckMail } from "../features/account/check-mail.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { PasswordField } from "../features/account/password-field.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";
import { safeNext } from "../lib/safe-next.ts";

export const meta: MetaFunction = () => [{ title: "Create an account · Jarvis360" }];

export const loader = ({ request, context }: LoaderFunctionArgs) => {
  if (context.signedIn) throw redirect(safeNext(new URL(request.url).searchParams.get("next")));
  return { passwordMinimum };
};

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    const email = fieldText(form, "email");
    const organisation = fieldText(form, "organisation").trim();
    const { status } = await context.trpc.account.signUp({
      email,
      password: fieldText(form, "password"),
      name: fieldText(form, "name").trim(),
      ...(organisation ? { organisation } : {}),
    });
    if (status === "signed_in") throw redirect(safeNext(fieldText(form, "next")));
    return { sentTo: email };
  },
  ["email", "name", "organisation"],
);

export default function SignUp() {
  const { passwordMinimum } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const [params] = useSearchParams();
  const next = params.get("next");
  const pending = useNavigation().formAction?.startsWith("/signup") ?? false;
  if (answer && "sentTo" in answer) return <CheckMail address={answer.sentTo} purpose="verify" />;
  return (
    <Entrance
      title="Create an account"
      lead="Your organisation’s numbers stay on this server."
      foot={
        <>
          Already have one?{" "}
          <Link className="link" to={next ? `/login?next=${encodeURIComponent(next)}` : "/login"}>
            Sign in
          </Link>
        </>
      }
    >
      <FormFailure failure={failure} shown={["email", "password", "name", "organisation"]} />
      <Form method="post" className="grid gap-4">
        <input type="hidden" name="next" value={next ?? ""} />
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          maxLength={200}
          defaultValue={failure?.typed.name}
          error={failure?.fields.name}
        />
        <TextField
          label="Work e-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={failure?.typed.email}
          error={failure?.fields.email}
        />
        <TextField
          label="Organisation"
          name="organisation"
          autoComplete="organization"
          maxLength={200}
          hint="The company whose numbers you will look at. You can change this later."
          defaultValue={failure?.typed.organisation}
          error={failure?.fields.organisation}
        />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="new-password"
          required
          minLength={passwordMinimum}
          hint={`At least ${passwordMinimum} characters. A few words in a row are easy to remember.`}
          error={failure?.fields.password}
        />
        <Button type="submit" variant="primary" size="xl" pending={pending}>
          Create account
        </Button>
      </Form>
    </Entrance>
  );
}
