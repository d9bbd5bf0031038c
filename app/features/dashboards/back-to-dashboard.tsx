import { Link } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";

export const BackToDashboard = ({ id }: { id: string }) => (
  <Link
    to={`/dashboards/${id}`}
    aria-label="Back to the dashboard"
    className="grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
  >
    <ArrowLeft aria-hidden="true" className="size-4" />
  </Link>
);
