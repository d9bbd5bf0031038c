import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useNavigation } from "@remix-run/react";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { CheckMail } from "../features/account/check-mail.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { submitted } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Reset your password · Jarvis360" }];

export const action = submitted(
  async ({ request, context }) => {
    const email = fieldText(await request.formData(), "email");
    await context.trpc.account.requestReset({ email });
    return { sentTo: email };
  },
  ["email"],
);

export default function ForgotPassword() {
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const pending = useNavigation().state === "submitting";
  if (answer && "sentTo" in answer) return <CheckMail address={answer.sentTo} purpose="reset" />;
  return (
    <Entrance
      title="Reset your password"
      lead="We mail you a link with which you choose a new one."
      foot={
        <Link className="link" to="/login">
          Back to sign in
        </Link>
      }
    >
      <FormFailure failure={failure} shown={["email"]} />
      <Form method="post" className="grid gap-4">
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={failure?.typed.email}
          error={failure?.fields.email}
        />
        <Button type="submit" variant="primary" size="xl" pending={pending}>
          Send the link
        </Button>
      </Form>
    </Entrance>
  );
}
