import { Link } from "@remix-run/react";
import { formatCounted } from "#charts/format.ts";
import type { AllBesideFiles, BesideFiles } from "#contracts/source-objects.ts";
import { ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";

const titleOf = (customers: number): string =>
  customers >= 1000
    ? "1,000 customers or more have MRR from files as well"
    : `${formatCounted(customers, "customer")} ${customers === 1 ? "has" : "have"} MRR from files as well`;

const Examples = ({ examples }: Pick<BesideFiles, "examples">) =>
  examples.map(({ customer_id: id, name }, place) => (
    <span key={id}>
      {place > 0 ? ", " : null}
      <Link to={`/customers/${encodeURIComponent(id)}`} className="link">
        {name || id}
      </Link>
    </span>
  ));

/** Files and a source that tell of the same customers: what they pay may count twice. On the source's own page. */
export const BesideFilesCallout = ({ customers, examples }: BesideFiles) =>
  customers === 0 ? null : (
    <Callout
      tone="warning"
      title={titleOf(customers)}
      actions={
        <ButtonLink to="/sources#uploads" size="sm">
          See the uploads
        </ButtonLink>
      }
    >
      What files and this source say is added up, unless both name the same subscription. If a file tells of
      what is read here by itself, undo its import. For example <Examples examples={examples} />.
    </Callout>
  );

/** The same of all sources, where the numbers are and where files are given. */
export const AllBesideFilesCallout = ({ items }: AllBesideFiles) =>
  items.map(({ source_id: id, name, customers, examples }) => (
    <Callout
      key={id}
      tone="warning"
      title={`MRR may count twice: ${titleOf(customers)}`}
      actions={
        <>
          <ButtonLink to="/sources#uploads" size="sm">
            See the uploads
          </ButtonLink>
          <ButtonLink to={`/sources/${id}`} size="sm">
            Open {name}
          </ButtonLink>
        </>
      }
    >
      What files and {name} say is added up, unless both name the same subscription. If a file tells of what{" "}
      {name} brings by itself, undo that upload. For example <Examples examples={examples} />.
    </Callout>
  ));
