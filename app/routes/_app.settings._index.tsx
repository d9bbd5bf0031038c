import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { formatDateTime } from "#charts/format-dates.ts";
import { passwordMinimum } from "#contracts/accounts.ts";
import { Badge } from "../components/badge.tsx";
import { Button } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { DeleteAccount } from "../features/account/delete-account.tsx";
import { PasswordField } from "../features/account/password-field.tsx";
import { describeAgent } from "../features/settings/user-agent.ts";
import { ThemeSwitch } from "../features/shell/theme-switch.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "Profile · Jarvis360" }];

export const loader = guarded(async ({ context: { trpc } }) => {
  const [sessions, deletion] = await Promise.all([trpc.sessions.list(), trpc.account.deletion()]);
  return { sessions: sessions.items, deletion, passwordMinimum };
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    const intent = fieldText(form, "intent");
    switch (intent) {
      case "name":
        await context.trpc.account.updateProfile({ name: fieldText(form, "name").trim() });
        return { intent, saved: "Your name is saved." };
      case "password":
        await context.trpc.account.changePassword({
          current: fieldText(form, "current"),
          password: fieldText(form, "password"),
        });
        return { intent, saved: "Your password is changed; every other session is signed out." };
      case "delete-account":
        await context.trpc.account.delete({
          password: fieldText(form, "password"),
          with_organisations: fieldText(form, "with_organisations") === "true",
        });
        throw redirect("/login");
      case "revoke-others":
        await context.trpc.sessions.revokeOthers();
        return { intent, saved: "Every other session is signed out." };
      default:
        await context.trpc.sessions.revoke({ id: fieldText(form, "id") });
        return { intent, saved: "The session is signed out." };
    }
  },
  ["intent"],
);

export default function Profile() {
  const { sessions, deletion, passwordMinimum } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const at = (intent: string) => (failure?.typed.intent === intent ? failure : null);
  const { user, organisation, mail_is_sent } = useMe();
  const doing = useNavigation().formData?.get("intent");
  useAnswerToast(answer);

  return (
    <div className="grid gap-5">
      <Card title="You">
        <Form method="post" className="grid max-w-md gap-4">
          <FormFailure failure={at("name")} shown={["name"]} />
          <TextField
            label="Name"
            name="name"
            defaultValue={user.name}
            maxLength={200}
            autoComplete="name"
            hint="As colleagues see it."
            error={at("name")?.fields.name}
          />
          <TextField
            label="E-mail"
            type="email"
            value={user.email}
            readOnly
            disabled
            hint={
              user.email_verified ? null : (
                <>
                  Not confirmed yet. The link is in{" "}
                  {mail_is_sent ? (
                    "the mail that we sent."
                  ) : (
                    <>
                      the{" "}
                      <Link className="link" to="/settings/outbox">
                        outbox
                      </Link>
                      .
                    </>
                  )}
                </>
              )
            }
          />
          <div>
            <Button type="submit" name="intent" value="name" pending={doing === "name"}>
              Save name
            </Button>
          </div>
        </Form>
      </Card>
      <Card title="Appearance">
        <div className="max-w-xs">
          <ThemeSwitch />
        </div>
      </Card>
      <Card title="Password">
        <Form
          method="post"
          className="grid max-w-md gap-4"
          key={answer && "saved" in answer ? answer.saved : ""}
        >
          <FormFailure failure={at("password")} shown={["current", "password"]} />
          <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
          <PasswordField
            label="Current password"
            name="current"
            autoComplete="current-password"
            required
            error={at("password")?.fields.current}
          />
          <PasswordField
            label="New password"
            name="password"
            autoComplete="new-password"
            required
            minLength={passwordMinimum}
            hint={`At least ${passwordMinimum} characters. All other sessions will be signed out.`}
            error={at("password")?.fields.password}
          />
          <div>
            <Button type="submit" name="intent" value="password" pending={doing === "password"}>
              Change password
            </Button>
          </div>
        </Form>
      </Card>
      <Card
        title="Sessions"
        subtitle="Where you are signed in"
        flush
        actions={
          sessions.length > 1 ? (
            <Form method="post" preventScrollReset>
              <Button type="submit" size="sm" name="intent" value="revoke-others">
                Sign out all others
              </Button>
            </Form>
          ) : null
        }
      >
        <ul>
          {sessions.map((session) => (
            <li key={session.id} className="flex items-center gap-3 border-t border-line px-5 py-3 text-sm">
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-2 font-medium">
                  {session.from_token ? "API token" : describeAgent(session.user_agent)}
                  {session.current ? <Badge tone="positive">This browser</Badge> : null}
                </p>
                <p className="tabular text-xs text-ink-3">
                  {session.ip || "address unknown"} · last seen{" "}
                  {formatDateTime(session.last_seen_at, organisation.timezone)}
                </p>
              </div>
              {session.current ? null : (
                <Form method="post" preventScrollReset>
                  <input type="hidden" name="id" value={session.id} />
                  <Button type="submit" size="sm" variant="ghost" name="intent" value="revoke">
                    Sign out<span className="sr-only"> {describeAgent(session.user_agent)}</span>
                  </Button>
                </Form>
              )}
            </li>
          ))}
        </ul>
      </Card>
      <DeleteAccount
        email={user.email}
        ends={deletion.ends}
        needsOwner={deletion.needs_owner}
        failure={at("delete-account")}
        pending={doing === "delete-account"}
      />
    </div>
  );
}
