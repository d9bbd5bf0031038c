import { Form } from "@remix-run/react";
import { formatDateTime } from "#charts/format-dates.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { errorWords, kindLabels } from "./source-words.ts";

/** What stopped a source, or holds it up, and what to do about it. */
export function TroubleCallout({
  source,
  mayManage,
  timezone,
}: {
  source: SourceOutput;
  mayManage: boolean;
  timezone: string;
}) {
  const { last_error: error, status } = source;
  if (status === "paused")
    return (
      <Callout
        title="Paused"
        actions={
          mayManage ? (
            <Form method="post" preventScrollReset>
              <Button type="submit" name="intent" value="resume" variant="primary" size="sm">
                Resume
              </Button>
            </Form>
          ) : null
        }
      >
        Nothing is read. The numbers stay as they are; what happens meanwhile is caught up with when you
        resume.
      </Callout>
    );
  if (!error) return null;
  const words = errorWords(error, kindLabels[source.kind]);
  const stopped = status === "error";
  return (
    <Callout
      tone={stopped ? "negative" : "warning"}
      title={words.title}
      actions={
        mayManage ? (
          <>
            {words.key ? (
              <a href="#key" className={buttonClass(stopped ? "primary" : "secondary", "sm")}>
                Give another key
              </a>
            ) : null}
            {stopped ? (
              <Form method="post" preventScrollReset>
                <Button type="submit" name="intent" value="sync" size="sm">
                  Try again now
                </Button>
              </Form>
            ) : null}
          </>
        ) : null
      }
    >
      <p>{error.message}</p>
      <p className="mt-1">{words.advice}</p>
      <p className="mt-1 text-xs text-ink-3">{formatDateTime(error.at, timezone)}</p>
    </Callout>
  );
}
