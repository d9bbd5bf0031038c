import type { Page, WebSocketRoute } from "@playwright/test";
import pg from "pg";
import { findRunning } from "#db/running.ts";
import { expect, expectAccessible, test, visit } from "./fixtures.ts";
import { monthBefore } from "./own-organisation.ts";
import type { StartedProduct } from "./started-product.ts";

const header = "customer_id,subscription_id,amount,started_at\n";
const pushes = 20;
const goalMs = 150;

// twenty pushes are one walk, and a busy machine takes its time for each
test.describe.configure({ timeout: 240_000 });
const patient = { timeout: 45_000 };

/** The page hears the feed; its state is told by a dot. */
const expectLive = (page: Page) =>
  expect(page.locator("[data-live]").first()).toHaveAttribute("data-live", "live", patient);

/** An organisation with thirty customers, a token for programs, and a session of it in the browser. */
async function openNumbers(page: Page, product: StartedProduct, name: string) {
  const printed = await product.cli("token", "create", "--org", name, "--email", "live@example.com");
  const token = printed.split("\n").at(-1) ?? "";
  const send = async (method: string, path: string, body: FormData | object) => {
    const isForm = body instanceof FormData;
    const answer = await fetch(`${product.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(isForm ? {} : { "content-type": "application/json" }),
      },
      body: isForm ? body : JSON.stringify(body),
    });
    expect(answer.ok, `${method} ${path} answered ${answer.status}`).toBe(true);
  };
  const upload = (rows: string) => {
    const form = new FormData();
    form.set("file", new Blob([header + rows], { type: "text/csv" }), "change.csv");
    return send("POST", "/uploads", form);
  };
  await upload(
    Array.from({ length: 30 }, (_, i) => `c${i},s${i},${100 + i},${monthBefore(i % 9)}-01\n`).join(""),
  );
  const answer = await page.request.post("/api/v1/session", {
    data: { token },
    headers: { origin: product.url },
  });
  expect(answer.status()).toBe(201);
  await visit(page, "/");
  await expectLive(page);
  // the numbers of the import come by themselves, wherever it is by now
  await expectMrr(page, 3_435);
  return {
    upload,
    /** Takes customer c0, c1, … out of every number. */
    exclude: (customer: number) =>
      send("POST", "/exclusions", { kind: "customer", id: `c${customer}`, reason: "test" }),
    annotate: (title: string) => send("POST", "/annotations", { day: `${monthBefore(1)}-03`, title }),
  };
}

const expectMrr = (page: Page, value: number) =>
  expect(page.locator('[data-metric="mrr"]').first()).toHaveAttribute("data-value", String(value), patient);

/** Notes, in the page, when the shown MRR became which value: after the browser has painted it. */
const watchMrr = (page: Page) =>
  page.evaluate(() => {
    const shown: { value: string; at: number }[] = [];
    Object.assign(window, { shownMrr: shown });
    const note = () => {
      const value = document.querySelector('[data-metric="mrr"]')?.getAttribute("data-value") ?? "";
      if (shown.at(-1)?.value === value) return;
      const entry = { value, at: 0 };
      shown.push(entry);
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          entry.at = Date.now();
        };
        port2.postMessage(null);
      });
    };
    note();
    new MutationObserver(note).observe(document.body, { attributes: true, childList: true, subtree: true });
  });

const shownMrr = (page: Page) =>
  page.evaluate(() => (window as unknown as { shownMrr: { value: string; at: number }[] }).shownMrr);

test("numbers move on an open page when the data does, each within a moment of its commit", async ({
  page,
  product,
}) => {
  const { exclude, upload, annotate } = await openNumbers(page, product, "Live Tools");
  const running = await findRunning(product.dataDir);
  const database = new pg.Client({ connectionString: running?.databaseUrl });
  await database.connect();
  const commitOfLast = async (): Promise<number> => {
    const { rows } = await database.query<{ at: Date }>(
      "SELECT at FROM app.org_event WHERE topic = 'metrics' ORDER BY at DESC LIMIT 1",
    );
    return rows[0]?.at.getTime() ?? 0;
  };
  await watchMrr(page);
  const times: number[] = [];
  let mrr = 3_435;
  for (let push = 0; push < pushes; push++) {
    await exclude(push);
    mrr -= 100 + push;
    await expectMrr(page, mrr);
    await expect.poll(async () => (await shownMrr(page)).at(-1)?.at, { intervals: [10] }).toBeGreaterThan(0);
    const shown = (await shownMrr(page)).at(-1);
    expect(shown?.value).toBe(String(mrr));
    times.push((shown?.at ?? 0) - (await commitOfLast()));
  }
  await database.end();
  times.sort((a, b) => a - b);
  const p95 = times[Math.ceil(pushes * 0.95) - 1] ?? 0;
  console.log(
    `Live push: from commit to the changed number on screen, over ${pushes} pushes: median ${times[pushes / 2]} ms, p95 ${p95} ms (goal: under ${goalMs} ms)`,
  );
  // a loaded machine may take its time; to wait for a timer would be a fault
  expect(p95).toBeLessThan(5_000);

  // a job that imports speaks as quickly as a request, and what changed is tinted and said
  const hint = page.locator("[data-live-hint]");
  // both go by themselves after a few seconds: looked for before they come
  const isTinted = page.waitForSelector('[data-metric="mrr"][data-changed]', patient);
  const isSaid = expect(hint).toContainText(
    /^ARR \$[\d,.]+[kKM]? → \$[\d,.]+[kKM]?, and \d+ more numbers$/,
    patient,
  );
  // charts and tables follow the numbers
  const isCellTinted = page.waitForSelector("[data-cohort][data-changed]", patient);
  await upload(`late,slate,700,${monthBefore(1)}-01\n`);
  await Promise.all([isTinted, isSaid, isCellTinted, expectMrr(page, mrr + 700)]);
  await expect(page.getByRole("row", { name: /^late / })).toBeVisible();
  await expectAccessible(page);

  const isAnnotationSaid = expect(hint).toHaveText("Annotations were changed", patient);
  await annotate("Price rise");
  await expect(page.getByRole("region", { name: "Annotations" })).toContainText("Price rise", patient);
  await isAnnotationSaid;

  // elsewhere the same: the page of sources moves with the import, and no number of a page left behind is meant
  await page.getByRole("link", { name: "Sources" }).first().click();
  await upload(`later,slater,1,${monthBefore(1)}-01\n`);
  await expect(page.getByRole("row", { name: /change\.csv/ })).toHaveCount(3, patient);
  await expect(page.getByRole("row", { name: /change\.csv.*Done|change\.csv.*imported/i })).toHaveCount(
    3,
    patient,
  );
});

test("a page that lost the server says so, comes back by itself, and misses nothing", async ({
  page,
  product,
}) => {
  let isAway = false;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/trpc$/, (socket) => {
    if (isAway) {
      socket.onMessage(() => void socket.close({ code: 1012, reason: "restarting" }));
      return;
    }
    socket.connectToServer();
    sockets.push(socket);
  });
  const { exclude } = await openNumbers(page, product, "Lossy Tools");
  isAway = true;
  await sockets.at(-1)?.close({ code: 1012, reason: "restarting" });
  const mark = page.locator("[data-live]").first();
  await expect(mark).toHaveAttribute("data-live", "lost");
  await expect(mark).toContainText("Reconnecting…");
  await exclude(0);
  await expectMrr(page, 3_435);
  isAway = false;
  await expectMrr(page, 3_335);
  await expectLive(page);
});

test("logging out in another tab ends the feed here, and the page with it", async ({ page, product }) => {
  await openNumbers(page, product, "Leaving Tools");
  const other = await page.context().newPage();
  await visit(other, "/sources");
  await other.getByText("live@example.com").first().click();
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/, patient);
  await other.close();
});
