import { Link } from "@remix-run/react";
import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { formatDay } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Card } from "../../components/card.tsx";

/** What files and connected systems say of a customer. */
export const AboutCard = ({ customer }: { customer: CustomerDetail }) => (
  <Card title="About">
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2 text-sm">
      <Row name="Id">{customer.customer_id}</Row>
      <Row name="E-mail">{customer.email}</Row>
      <Row name="Country">{customer.country}</Row>
      <Row name="Signed up">{customer.signed_up ? formatDay(customer.signed_up) : null}</Row>
      {customer.told_by.map(({ source_id, name, url, deleted }) => (
        <Row key={source_id} name="Known from">
          <Link to={`/sources/${source_id}`} className="link">
            {name}
          </Link>
          {deleted ? <span className="text-ink-3"> (deleted there)</span> : null}
          {url ? (
            <a
              href={url}
              target="_blank"
              rel="noreferrer"
              className="link ml-2 inline-flex items-center gap-1"
            >
              Open in Stripe
              <ExternalLink aria-hidden="true" className="size-3" />
            </a>
          ) : null}
        </Row>
      ))}
      {Object.entries(customer.attributes).map(([name, value]) => (
        <Row key={name} name={name}>
          {value}
        </Row>
      ))}
    </dl>
  </Card>
);

const Row = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-3">{name}</dt>
    <dd className="min-w-0 wrap-anywhere">{children || "–"}</dd>
  </>
);
