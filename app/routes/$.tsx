import { data } from "@remix-run/node";
import { ErrorPage } from "../features/shell/error-page.tsx";

/** Whatever no other route knows. */
export const loader = () => {
  throw data({ message: null }, { status: 404 });
};

export default function Unknown() {
  return null;
}

export const ErrorBoundary = () => <ErrorPage />;
