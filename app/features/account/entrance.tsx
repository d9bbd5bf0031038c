import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Logo } from "../../components/logo.tsx";
import { Showcase } from "./showcase.tsx";

/** The frame of the pages before signing in: a form on the left, what awaits on the right. */
export const Entrance = ({
  title,
  lead,
  children,
  foot,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}) => (
  <div className="grid min-h-dvh bg-surface lg:grid-cols-[minmax(26rem,2fr)_3fr]">
    <div className="flex flex-col px-6 py-6 sm:px-10">
      <header>
        <Link to="/login" className="inline-block rounded-md" aria-label="Jarvis360, sign in">
          <Logo />
        </Link>
      </header>
      <main className="mx-auto grid w-full max-w-sm flex-1 content-center gap-6 py-10">
        <div className="grid gap-1.5">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {lead ? <p className="text-ink-2">{lead}</p> : null}
        </div>
        {children}
        {foot ? <div className="text-sm text-ink-2">{foot}</div> : null}
      </main>
    </div>
    <Showcase />
  </div>
);
