import { type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { policyTitle } from "#contracts/policy-names.ts";
import { Button } from "../components/button.tsx";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { SelectField, TextField } from "../components/field.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { currencyNames, monthNames, timeZones, weekdayNames } from "../features/settings/world.ts";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "Organisation · Jarvis360" }];

export const loader = guarded(async ({ context }) => {
  const organisation = await context.trpc.org.get({});
  return {
    organisation,
    timezones: timeZones(organisation.timezone),
    currencies: currencyNames(organisation.currency),
  };
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    switch (fieldText(form, "intent")) {
      case "delete":
        await context.trpc.org.delete({ name: fieldText(form, "confirm") });
        throw redirect("/login?notice=deleted");
      default: {
        const before = await context.trpc.org.get({});
        const after = await context.trpc.org.update({
          name: fieldText(form, "name").trim(),
          currency: fieldText(form, "currency"),
          timezone: fieldText(form, "timezone"),
          fiscal_year_start: Number(fieldText(form, "fiscal_year_start")) || undefined,
          week_start: Number(fieldText(form, "week_start")) || undefined,
        });
        const recomputed = before.currency !== after.currency || before.timezone !== after.timezone;
        return {
          saved: recomputed ? "Saved. The numbers are being computed again." : "The organisation is saved.",
        };
      }
    }
  },
  ["intent", "name"],
);

export default function OrganisationSettings() {
  const { organisation, timezones, currencies } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const at = (intent: string) => (failure?.typed.intent === intent ? failure : null);
  const mayEdit = useCan("org.update");
  const mayDelete = useCan("org.delete");
  const doing = useNavigation().formData?.get("intent");
  useAnswerToast(answer);

  return (
    <div className="grid gap-5">
      {mayEdit ? null : <Callout>Owners and admins can change this.</Callout>}
      <Card title="Organisation">
        <Form method="post" className="max-w-md" preventScrollReset key={organisation.id}>
          <fieldset disabled={!mayEdit} className="grid gap-4">
            <legend className="sr-only">Organisation</legend>
            <FormFailure
              failure={at("organisation")}
              shown={["name", "currency", "timezone", "fiscal_year_start", "week_start"]}
            />
            <TextField
              label="Name"
              name="name"
              required
              maxLength={200}
              defaultValue={at("organisation")?.typed.name ?? organisation.name}
              error={at("organisation")?.fields.name}
            />
            <SelectField
              label="Currency"
              name="currency"
              defaultValue={organisation.currency}
              hint="All metrics are told in it. Other currencies are valued by exchange rates, which you upload or write by hand under Finance."
              error={at("organisation")?.fields.currency}
            >
              {currencies.map(({ code, name }) => (
                <option key={code} value={code}>
                  {code} – {name}
                </option>
              ))}
            </SelectField>
            <SelectField
              label="Time zone"
              name="timezone"
              defaultValue={organisation.timezone}
              hint="Days and months begin at its midnight; times without a zone are read in it."
              error={at("organisation")?.fields.timezone}
            >
              {timezones.map((zone) => (
                <option key={zone} value={zone}>
                  {zone.replaceAll("_", " ")}
                </option>
              ))}
            </SelectField>
            <div className="grid grid-cols-2 items-start gap-4">
              <SelectField
                label="Fiscal year starts in"
                name="fiscal_year_start"
                defaultValue={organisation.fiscal_year_start}
                hint="Quarters and years follow; a year is named after the one in which it ends."
                error={at("organisation")?.fields.fiscal_year_start}
              >
                {monthNames.map((name, i) => (
                  <option key={name} value={i + 1}>
                    {name}
                  </option>
                ))}
              </SelectField>
              <SelectField
                label="Week starts on"
                name="week_start"
                defaultValue={organisation.week_start}
                error={at("organisation")?.fields.week_start}
              >
                {weekdayNames.map((name, i) => (
                  <option key={name} value={i + 1}>
                    {name}
                  </option>
                ))}
              </SelectField>
            </div>
            {mayEdit ? (
              <div>
                <Button
                  type="submit"
                  name="intent"
                  value="organisation"
                  variant="primary"
                  pending={doing === "organisation"}
                >
                  Save organisation
                </Button>
              </div>
            ) : null}
          </fieldset>
        </Form>
      </Card>
      <Card title="Metric policy" subtitle={policyTitle(organisation.policy, organisation.policy_version)}>
        <p className="max-w-2xl text-sm text-ink-2">
          Where vendors disagree on what counts, you decide.{" "}
          <Link to="/settings/policy" className="link">
            See the rules, and what others would change
          </Link>
        </p>
      </Card>
      {mayDelete ? (
        <Card title="Delete the organisation">
          <Form method="post" className="grid max-w-md gap-4">
            <FormFailure failure={at("delete")} />
            <p className="text-sm text-ink-2">
              This removes its uploads, numbers, dashboards, members and tokens for good. It cannot be undone.
            </p>
            <TextField
              label={`Type “${organisation.name}” to confirm`}
              name="confirm"
              required
              autoComplete="off"
            />
            <div>
              <Button
                type="submit"
                variant="danger"
                name="intent"
                value="delete"
                pending={doing === "delete"}
              >
                Delete {organisation.name}
              </Button>
            </div>
          </Form>
        </Card>
      ) : null}
    </div>
  );
}
