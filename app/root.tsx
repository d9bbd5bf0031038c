import inter from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url";
import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  type ShouldRevalidateFunctionArgs,
  useFetchers,
  useRouteLoaderData,
} from "@remix-run/react";
import { type ReactNode, useEffect } from "react";
import { ToastProvider } from "./components/toast.tsx";
import { ErrorPage } from "./features/shell/error-page.tsx";
import { NavigationBar } from "./features/shell/navigation-bar.tsx";
import { liveAsked } from "./lib/live-handle.ts";
import { useNonce } from "./lib/nonce.ts";
import { isTheme, type Theme, themeOf } from "./lib/theme.ts";
import styles from "./styles/app.css?url";

export const links: LinksFunction = () => [
  { rel: "preload", href: inter, as: "font", type: "font/woff2", crossOrigin: "anonymous" },
  { rel: "stylesheet", href: styles },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export const meta: MetaFunction = () => [{ title: "Jarvis360" }];

export const loader = ({ request }: LoaderFunctionArgs) => ({
  theme: themeOf(request.headers.get("cookie")),
});

/** Numbers that move leave the theme as it is. */
export const shouldRevalidate = ({ defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) =>
  liveAsked() === null && defaultShouldRevalidate;

/** A theme just chosen is drawn at once, before the cookie is back. */
function useTheme(): Theme {
  const loaded = useRouteLoaderData<typeof loader>("root");
  for (const fetcher of useFetchers()) {
    const chosen = fetcher.formAction === "/theme" ? fetcher.formData?.get("theme") : null;
    if (isTheme(chosen)) return chosen;
  }
  return loaded?.theme ?? "system";
}

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  // clicks and keys count from here on, no longer only links and forms: who drives the page by script waits for it
  useEffect(() => {
    document.documentElement.dataset.interactive = "";
  }, []);
  return (
    <html lang="en-GB" data-theme={useTheme()} suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta property="csp-nonce" nonce={nonce} suppressHydrationWarning />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return (
    <ToastProvider>
      <NavigationBar />
      <Outlet />
    </ToastProvider>
  );
}

export const ErrorBoundary = () => <ErrorPage />;
