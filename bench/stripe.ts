import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "@playwright/test";
import postgres from "postgres";
import Stripe from "stripe";
import { stripeStreams } from "#connectors/stripe/streams.ts";
import { ensureDatabase } from "#db/embedded.ts";
import { findBrowser } from "#root/e2e/chromium.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { watchMemory } from "./memory.ts";
import { type SeparateRoles, startSeparateRoles } from "./separate-roles.ts";
import type { VendorAnswer, VendorOrder } from "./stripe-vendor.ts";

const slowMs = 50;
const changes = 40;
const secret = "whsec_bench";
const fxRates =
  "date,from,to,rate\n2020-01-01,EUR,USD,1.1\n2020-01-01,GBP,USD,1.3\n2020-01-01,JPY,USD,0.007\n";

/**
 * A Stripe account of 10,000 customers read from a double in a process of its own, our limiter off: objects per second of all streams
 * of a backfill beside a bare loop with the SDK over the same lists; what deriving takes afterwards; and how long after a webhook was
 * sent an open page shows the changed MRR.
 */
export async function benchStripe({ runs, rows, note }: BenchOptions): Promise<Figure[]> {
  const vendor = await startVendor(rows ?? 10_000, note);
  const product = await startSeparateRoles(
    note,
    { sourcesLimited: false },
    { STRIPE_API_BASE: vendor.base.url },
  );
  try {
    const times = runs ?? 1;
    const ours: Record<"slow" | "quick", number[]> = { slow: [], quick: [] };
    const theirs: Record<"slow" | "quick", number[]> = { slow: [], quick: [] };
    const derived: number[] = [];
    const memory: number[] = [];
    let last: Connected | null = null;
    for (let run = 0; run < times; run += 1)
      for (const speed of ["slow", "quick"] as const) {
        await vendor.tell({ do: "latency", ms: speed === "slow" ? slowMs : 0 });
        const bare = await bareLoop(vendor.base);
        theirs[speed].push(bare.perSecond);
        note(`${speed}: a bare loop reads ${bare.objects} objects, ${Math.round(bare.perSecond)} a second`);
        const watch = watchMemory([product.worker.pid!], product.cluster.process.pid!);
        last = await backfill(product, vendor.base, `Bench ${run} ${speed}`);
        memory.push(watch.stop().rssPeakMb);
        ours[speed].push(last.perSecond);
        derived.push(last.deriveSeconds);
        note(
          `${speed}: we read ${last.objects}, ${Math.round(last.perSecond)} a second, then ${last.deriveSeconds.toFixed(1)} s until live; ${Math.round(memory.at(-1) ?? 0)} MB`,
        );
      }
    if (!last) throw new Error("nothing was measured");
    await vendor.tell({ do: "latency", ms: 0 });
    const shown = await webhookToPage(product, vendor, last, note);
    const p95 = shown.toSorted((a, b) => a - b)[Math.ceil(shown.length * 0.95) - 1] ?? 0;
    return [
      ratioFigure("backfill_ratio_50ms", ours.slow, theirs.slow, 0.9),
      ratioFigure("backfill_ratio_0ms", ours.quick, theirs.quick, 0.4),
      figureOf({ bench: "stripe", figure: "derive_s", unit: "s", runs: derived }),
      figureOf({
        ...{ bench: "stripe", figure: "peak_rss_mb", unit: "MB", runs: [Math.max(...memory)] },
        goal: { text: "< 350 MB", isMet: (figure) => figure.ours < 350 },
      }),
      figureOf({
        ...{ bench: "stripe", figure: "webhook_p95_ms", unit: "ms", runs: [p95] },
        goal: { text: "≤ 500 ms", isMet: (figure) => figure.ours <= 500 },
      }),
    ];
  } finally {
    vendor.stop();
    await product.stop();
  }
}

/** The figure is the ratio itself; what it is of is told too. */
function ratioFigure(figure: string, ours: number[], theirs: number[], atLeast: number): Figure {
  const compared = figureOf({
    ...{ bench: "stripe", figure, unit: "objects/s", runs: ours },
    peer: { name: "a bare auto-paging loop", runs: theirs },
    goal: { text: `≥ ${atLeast} × the loop`, isMet: ({ ratio }) => ratio >= atLeast },
  });
  return compared;
}

interface Vendor {
  base: VendorAnswer;
  tell(order: VendorOrder): Promise<VendorAnswer>;
  stop(): unknown;
}

async function startVendor(customers: number, note: (text: string) => void): Promise<Vendor> {
  const child: ChildProcess = fork(fileURLToPath(new URL("./stripe-vendor.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const tell = async (order: VendorOrder) => {
    child.send(order);
    const [answer] = (await once(child, "message")) as [VendorAnswer];
    return answer;
  };
  const base = await tell({ do: "generate", customers });
  note(`the vendor has ${JSON.stringify(base.sizes)}`);
  return { base, tell, stop: () => child.connected && child.disconnect() };
}

/** Lists everything that a backfill lists, as the SDK's own documentation does it. */
async function bareLoop({ url, key }: VendorAnswer): Promise<{ objects: number; perSecond: number }> {
  const { hostname, port } = new URL(url);
  const stripe = new Stripe(key, { host: hostname, port, protocol: "http", telemetry: false });
  const lists: Record<string, { list(params: object): AsyncIterable<unknown> }> = {
    products: stripe.products,
    prices: stripe.prices,
    tax_rates: stripe.taxRates,
    coupons: stripe.coupons,
    promotion_codes: stripe.promotionCodes,
    customers: stripe.customers,
    subscriptions: stripe.subscriptions,
    subscription_schedules: stripe.subscriptionSchedules,
    invoices: stripe.invoices,
    invoice_payments: stripe.invoicePayments,
    charges: stripe.charges,
    refunds: stripe.refunds,
    credit_notes: stripe.creditNotes,
  };
  const began = performance.now();
  let objects = 0;
  for (const { name, passes, expand, listed } of stripeStreams) {
    if (listed === false) continue;
    for (const pass of passes) {
      const params = { limit: 100, ...pass, expand: expand.map((path) => `data.${path}`) };
      for await (const _ of lists[name]!.list(params)) objects += 1;
    }
  }
  return { objects, perSecond: objects / ((performance.now() - began) / 1_000) };
}

interface Connected {
  id: string;
  token: string;
  objects: number;
  perSecond: number;
  /** From the last page until the source is live: what happened meanwhile, facts, numbers. */
  deriveSeconds: number;
}

/** Connects the account in an organisation of its own, and waits until it is live. */
async function backfill(product: SeparateRoles, { key }: VendorAnswer, name: string): Promise<Connected> {
  const printed = await product.cli("token", "create", "--org", name, "--email", "bench@example.com");
  const token = printed.split("\n").at(-1) ?? "";
  const answer = await fetch(`${product.url}/api/v1/sources`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "stripe", name: "Stripe", credentials: { api_key: key } }),
  });
  const { id } = (await answer.json()) as { id: string };
  if (answer.status !== 201) throw new Error(`POST /sources answered ${answer.status}`);
  const sql = postgres(await ensureDatabase(product.cluster, "jarvis360"), {
    max: 1,
    onnotice: () => {},
    connection: { search_path: "app" },
  });
  try {
    for (;;) {
      const [row] = await sql<{ live: boolean; error: string | null }[]>`
        SELECT status = 'live' AS live, error_message AS error FROM source WHERE id = ${id}`;
      if (row?.error) throw new Error(row.error);
      if (row?.live) break;
      await new Promise((done) => setTimeout(done, 250));
    }
    const [took] = await sql<{ objects: number; listing: number; rest: number }[]>`
      SELECT sum(st.done)::int AS objects,
        extract(epoch FROM max(st.finished_at) - min(s.created_at))::float8 AS listing,
        extract(epoch FROM min(s.synced_at) - max(st.finished_at))::float8 AS rest
      FROM source s JOIN source_stream st ON st.source_id = s.id WHERE s.id = ${id}`;
    const { objects, listing, rest } = took!;
    return { id, token, objects, perSecond: objects / listing, deriveSeconds: rest };
  } finally {
    await sql.end();
  }
}

/** Milliseconds from when the vendor changed something, and told it, until the dashboard shows another MRR. */
async function webhookToPage(
  product: SeparateRoles,
  vendor: Vendor,
  { id, token }: Connected,
  note: (text: string) => void,
): Promise<number[]> {
  const put = await fetch(`${product.url}/api/v1/sources/${id}/webhook-secrets`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ secrets: [secret] }),
  });
  if (!put.ok) throw new Error(`PUT webhook-secrets answered ${put.status}`);
  // customers pay in four currencies: without rates there is no MRR to be shown
  const rates = new FormData();
  rates.set("kind", "fx_rates");
  rates.set("file", new Blob([fxRates]), "rates.csv");
  const sent = await fetch(`${product.url}/api/v1/uploads`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: rates,
  });
  if (!sent.ok) throw new Error(`POST /uploads answered ${sent.status}`);
  await untilNumbersRest(product, id);
  await vendor.tell({ do: "webhooks", url: `${product.url}/webhooks/stripe/${id}`, secret });
  const { executablePath, args, env } = findBrowser();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args,
    env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => !!entry[1])),
  });
  try {
    const page = await browser.newPage({ baseURL: product.url });
    await page.request.post("/api/v1/session", { data: { token }, headers: { origin: product.url } });
    await page.goto("/");
    await page.locator('[data-live="live"]').first().waitFor({ timeout: 60_000 });
    await page
      .locator('[data-metric="mrr"][data-value]:not([data-value=""])')
      .first()
      .waitFor({ timeout: 60_000 });
    const shown: number[] = [];
    for (let change = 0; change < changes; change += 1) {
      const shownAt = await watchMrr(page);
      const { at } = await vendor.tell({ do: "change" });
      shown.push((await shownAt()) - at);
      if (change < 3 || change % 10 === 0) note(`shown after ${Math.round(shown.at(-1) ?? 0)} ms`);
      await settle(page);
    }
    return shown;
  } finally {
    await browser.close();
  }
}

/** Every number was made anew with the rates, and in the end the slices of a large organisation: as it is most of the time. */
async function untilNumbersRest({ cluster }: SeparateRoles, sourceId: string): Promise<void> {
  const sql = postgres(await ensureDatabase(cluster, "jarvis360"), {
    max: 1,
    onnotice: () => {},
    connection: { search_path: "app" },
  });
  for (;;) {
    const [row] = await sql<{ rests: boolean }[]>`
      SELECT o.slices_built AND EXISTS (SELECT FROM upload u WHERE u.org_id = o.id AND u.status = 'done') AS rests
      FROM organisation o JOIN source s ON s.org_id = o.id WHERE s.id = ${sourceId}`;
    if (row?.rests) break;
    await new Promise((done) => setTimeout(done, 250));
  }
  await sql.end();
}

/**
 * Begins to watch. @returns when the page shows another MRR than at the beginning, milliseconds since 1970
 * @throws Error where it never does: that is no figure
 */
async function watchMrr(page: Page): Promise<() => Promise<number>> {
  // no named function in here: the loader would wrap it in a helper that the page does not have
  const watch = await page.evaluateHandle(() => ({
    shown: new Promise<number | null>((resolve) => {
      setTimeout(() => resolve(null), 15_000);
      const before = document.querySelector('[data-metric="mrr"]')?.getAttribute("data-value");
      new MutationObserver((_, look) => {
        if (document.querySelector('[data-metric="mrr"]')?.getAttribute("data-value") === before) return;
        look.disconnect();
        resolve(performance.timeOrigin + performance.now());
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    }),
  }));
  return async () => {
    const shown = await watch.evaluate((watched) => watched.shown);
    if (shown === null) throw new Error("the page did not show the change within 15 seconds");
    return shown;
  };
}

/** One change tells several events: until the number has stood still for a second. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        let timer = setTimeout(resolve, 1_000);
        const look = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(resolve, 1_000);
        });
        const card = document.querySelector('[data-metric="mrr"]');
        if (card)
          look.observe(card, { subtree: true, attributes: true, characterData: true, childList: true });
      }),
  );
}
