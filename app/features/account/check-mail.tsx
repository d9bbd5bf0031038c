import { Link } from "@remix-run/react";
import { MailCheck } from "lucide-react";
import { Entrance } from "./entrance.tsx";

const words = {
  verify: {
    title: "Look into your mail",
    text: "If this address can be used, a link is on its way to it. Open it to go on.",
  },
  reset: {
    title: "Look into your mail",
    text: "If there is an account with this address, a link is on its way to it. It works for an hour, once.",
  },
} as const;

/** The same page whether or not the address is known, so that nobody can find out who has an account. */
export const CheckMail = ({ address, purpose }: { address: string; purpose: keyof typeof words }) => (
  <Entrance
    title={words[purpose].title}
    lead={words[purpose].text}
    foot={
      <>
        Nothing came? Look into the spam folder, or{" "}
        <Link className="link" to={purpose === "reset" ? "/forgot-password" : "/signup"} reloadDocument>
          try again
        </Link>
        .
      </>
    }
  >
    <p className="flex items-center gap-3 rounded-lg border border-line bg-sunken px-4 py-3 font-medium wrap-anywhere">
      <MailCheck aria-hidden="true" className="size-5 shrink-0 text-positive" />
      {address}
    </p>
  </Entrance>
);
