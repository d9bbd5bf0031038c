import { toCsv } from "#contracts/csv-export.ts";
import type { UploadKind } from "#contracts/upload-kinds.ts";

/** A small file of each kind that imports as it is. */
const examples = {
  subscriptions: [
    "customer_id,customer_name,country,subscription_id,plan,amount,currency,interval,quantity,started_at,ended_at",
    "c-001,Northwind Labs,GB,s-001,Growth,99,USD,month,1,2025-01-15,",
    "c-002,Acme Robotics,DE,s-002,Scale,2400,USD,year,3,2025-02-01,",
    "c-003,Kestrel Health,US,s-003,Starter,29,USD,month,1,2025-02-10,2025-08-10",
  ],
  mrr_by_month: ["customer_id,month,mrr", "c-001,2025-01,99", "c-001,2025-02,99", "c-002,2025-02,600"],
  customers: [
    "customer_id,name,email,country,signup_at,churned,segment",
    "c-001,Northwind Labs,hello@northwind.example,GB,2025-01-10,no,SMB",
    "c-002,Acme Robotics,ops@acme.example,DE,2025-01-28,no,Mid-market",
    "c-003,Kestrel Health,team@kestrel.example,US,2025-02-09,2025-08-10,SMB",
  ],
  transactions: [
    "customer_id,date,amount,currency",
    "c-001,2025-01-15,99,USD",
    "c-002,2025-02-01,7200,USD",
    "c-001,2025-02-15,-20,USD",
  ],
  spend: ["month,category,amount,currency", "2025-01,Paid search,4200,USD", "2025-01,Sales team,18000,USD"],
  fx_rates: ["date,from,to,rate", "2025-01-01,EUR,USD,1.0389", "2025-02-01,EUR,USD,1.0363"],
} as const satisfies Record<UploadKind, readonly string[]>;

/** The example of a kind as CSV text. */
export function exampleCsv(kind: UploadKind): string {
  const [header = "", ...rows] = examples[kind].map((line) => line.split(","));
  return toCsv([...header], rows);
}
