import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { Building2 } from "lucide-react";
import { Badge } from "../components/badge.tsx";
import { ButtonLink } from "../components/button.tsx";
import { DemoChoice } from "../features/account/demo-choice.tsx";
import { Entrance } from "../features/account/entrance.tsx";
import { guarded } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Welcome · Jarvis360" }];

/** For somebody who is signed in without an organisation in view: choose one, make one, or look at the demo. */
export const loader = guarded(async ({ context }) => {
  const { user, organisation, organisations, mail_is_sent } = await context.me();
  if (!user) throw redirect("/login");
  if (organisation) throw redirect("/");
  return { name: user.name, organisations, mailIsSent: mail_is_sent };
});

export default function Welcome() {
  const { name, organisations, mailIsSent } = useLoaderData<typeof loader>();
  return (
    <Entrance
      title={name ? `Welcome, ${name}` : "Welcome"}
      lead={
        organisations.length > 0
          ? "Which organisation do you want to look at?"
          : "You belong to no organisation yet. Make one, or ask for an invitation to an existing one."
      }
      foot={
        <Form method="post" action="/logout">
          <button type="submit" className="link">
            Sign out
          </button>
        </Form>
      }
    >
      {organisations.length > 0 ? (
        <ul className="grid gap-2">
          {organisations.map(({ id, name, is_demo }) => (
            <li key={id}>
              <Form method="post" action="/organisations/switch">
                <input type="hidden" name="id" value={id} />
                <button
                  type="submit"
                  className="flex h-11 w-full items-center gap-3 rounded-lg border border-line-strong px-4 text-left font-medium hover:bg-hover"
                >
                  <Building2 aria-hidden="true" className="size-4 text-ink-3" />
                  <span className="min-w-0 flex-1 truncate">{name}</span>
                  {is_demo ? <Badge>Demo</Badge> : null}
                </button>
              </Form>
            </li>
          ))}
        </ul>
      ) : null}
      <ButtonLink
        to="/organisations/new"
        variant={organisations.length > 0 ? "secondary" : "primary"}
        size="xl"
      >
        New organisation
      </ButtonLink>
      {mailIsSent ? null : (
        <p className="text-sm text-ink-2">
          Waiting for a mail? This server keeps them:{" "}
          <Link className="link" to="/mails">
            your mails
          </Link>
          .
        </p>
      )}
      <DemoChoice />
    </Entrance>
  );
}
