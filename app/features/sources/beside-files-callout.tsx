import { Link } from "@remix-run/react";
import { formatCounted } from "#charts/format.ts";
import type { BesideFiles } from "#contracts/source-objects.ts";
import { ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";

/** Files and a source that tell of the same customers: what they pay may count twice. */
export const BesideFilesCallout = ({ customers, examples }: BesideFiles) =>
  customers === 0 ? null : (
    <Callout
      tone="warning"
      title={`${customers >= 1000 ? "1,000 customers or more have" : `${formatCounted(customers, "customer")} ${customers === 1 ? "has" : "have"}`} MRR from files as well`}
      actions={
        <ButtonLink to="/sources" size="sm">
          See the uploads
        </ButtonLink>
      }
    >
      What files and this source say is added up, unless both name the same subscription. If a file tells of
      what is read here by itself, undo its import. For example{" "}
      {examples.map(({ customer_id: id, name }, place) => (
        <span key={id}>
          {place > 0 ? ", " : null}
          <Link to={`/customers/${encodeURIComponent(id)}`} className="link">
            {name || id}
          </Link>
        </span>
      ))}
      .
    </Callout>
  );
