import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from "@remix-run/react";
import { Button } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { DemoChoice } from "../features/account/demo-choice.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { PasswordField } from "../features/account/password-field.tsx";
import { useForgetCopies } from "../features/account/use-forget-copies.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { safeNext } from "../lib/safe-next.ts";

export const meta: MetaFunction = () => [{ title: "Sign in · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  if (context.signedIn) throw redirect(safeNext(new URL(request.url).searchParams.get("next")));
  return { demo: (await context.trpc.demo.status()).open };
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    await context.trpc.account.signIn({
      email: fieldText(form, "email"),
      password: fieldText(form, "password"),
    });
    throw redirect(safeNext(fieldText(form, "next")));
  },
  ["email"],
);

const notices: Record<string, string> = {
  reset: "Your password is changed and every other session is signed out. Sign in with the new one.",
  confirmed: "Your address is confirmed. Sign in to go on.",
};

export default function Login() {
  useForgetCopies();
  const { demo } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const [params] = useSearchParams();
  const next = params.get("next");
  const notice = notices[params.get("notice") ?? ""];
  const pending = useNavigation().formAction?.startsWith("/login") ?? false;
  return (
    <Entrance
      title="Sign in"
      foot={
        <>
          New here?{" "}
          <Link className="link" to={next ? `/signup?next=${encodeURIComponent(next)}` : "/signup"}>
            Create an account
          </Link>
        </>
      }
    >
      {notice ? <Callout tone="positive">{notice}</Callout> : null}
      <FormFailure failure={failure} shown={["email", "password"]} />
      <Form method="post" className="grid gap-4">
        <input type="hidden" name="next" value={next ?? ""} />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={failure?.typed.email}
          error={failure?.fields.email}
        />
        <div className="relative">
          <PasswordField
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            error={failure?.fields.password}
          />
          <Link to="/forgot-password" className="link absolute top-0 right-0 text-sm">
            Forgot it?
          </Link>
        </div>
        <Button type="submit" variant="primary" size="xl" pending={pending}>
          Sign in
        </Button>
      </Form>
      {demo ? <DemoChoice /> : null}
    </Entrance>
  );
}
