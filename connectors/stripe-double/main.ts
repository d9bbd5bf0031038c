import { parseArgs } from "node:util";
import { generateWorld } from "./generate.ts";
import { startStripeDouble } from "./server.ts";

/**
 * `npm run stripe-double -- [--port 12111] [--customers 200] [--latency 0] [--webhook URL --secret whsec_…]`:
 * a made-up Stripe account to look at the product with. Start that with STRIPE_API_BASE=http://127.0.0.1:12111.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "12111" },
    customers: { type: "string", default: "200" },
    latency: { type: "string", default: "0" },
    webhook: { type: "string" },
    secret: { type: "string", default: "whsec_double" },
  },
});

const double = await startStripeDouble({ port: Number(values.port) });
const account = double.createAccount("acct_double", "Double Ltd");
generateWorld(account.test, { customers: Number(values.customers) });
// with STRIPE_CLIENT_ID=ca_double and STRIPE_CLIENT_SECRET=sk_test_double_app: "Connect with Stripe"
double.oauth.account = account;
double.latencyMs = Number(values.latency);
if (values.webhook !== undefined)
  double.webhooks.add({ world: account.test, url: values.webhook, secrets: [values.secret] });
const full = double.createKey(account, { value: "rk_test_double_all" });
const some = double.createKey(account, {
  value: "rk_test_double_some",
  forbidden: ["charges", "refunds", "credit_notes"],
});
const few = double.createKey(account, {
  value: "rk_test_double_few",
  forbidden: ["subscriptions", "prices"],
});
console.log(`${double.url}
  reads everything:        ${full.value}
  reads what is needed:    ${some.value}
  reads too little:        ${few.value}`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    void double.stop().then(() => process.exit(0));
  });
