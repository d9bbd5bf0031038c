import { Link } from "@remix-run/react";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import type { DashboardSession, SessionEnd } from "../editor/session.ts";

const words: Partial<Record<SessionEnd, { title: string; text: string; to: string; link: string }>> = {
  "signed-out": {
    title: "You are signed out.",
    text: "Sign in again to go on. What you edited is kept in this browser.",
    to: "/login",
    link: "Sign in",
  },
  forbidden: {
    title: "You cannot edit this dashboard any more.",
    text: "Your role changed. Reload to see what you may do.",
    to: "",
    link: "Reload",
  },
  gone: {
    title: "This dashboard is not here any more.",
    text: "Somebody archived it. It can be restored from the list.",
    to: "/dashboards",
    link: "All dashboards",
  },
  "too-old": {
    title: "There is a newer version of this page.",
    text: "Reload to go on editing.",
    to: "",
    link: "Reload",
  },
};

/** Why the document is not open any more, and what could not be merged, to take home. */
export function SessionNotice({ session, ended }: { session: DashboardSession; ended: SessionEnd | null }) {
  const [aside, setAside] = useState(() => session.aside());
  const shown = aside ?? session.aside();
  const end = ended ? words[ended] : undefined;
  const save = (text: string) => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "dashboard-edits.json";
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      {end ? (
        <Callout
          tone="warning"
          live
          title={end.title}
          actions={
            <Link to={end.to} reloadDocument className="link">
              {end.link}
            </Link>
          }
        >
          {end.text}
        </Callout>
      ) : null}
      {shown !== null ? (
        <Callout
          tone="warning"
          live
          title="Some of your edits could not be merged."
          actions={
            <>
              <Button size="sm" onClick={() => save(shown)}>
                Download a copy
              </Button>
              <Button
                size="sm"
                variant="ghost"
                onClick={() => {
                  session.dropAside();
                  setAside(null);
                }}
              >
                Discard the copy
              </Button>
            </>
          }
        >
          The dashboard moved on without them. They are set aside in this browser.
        </Callout>
      ) : null}
    </>
  );
}
