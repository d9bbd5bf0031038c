import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connectStripe } from "./index.ts";
import { hurried, never } from "./testing-account.ts";

/** The real SDK against answers as Stripe's documentation gives them, at Stripe's own address. */
const api = "https://api.stripe.com/v1";
const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const connect = (account: string | null = null) =>
  connectStripe({ credentials: { apiKey: "rk_test_msw" }, account, apiBase: null, limited: false }, hurried);
const range = { from: null, before: 1_780_000_000 };
const list = (data: unknown[], more = false) => ({ object: "list", data, has_more: more, url: "/v1/x" });
const date = "Mon, 10 Nov 2025 18:27:24 GMT";

test("without another address it is Stripe that is asked, with the key, the version and the connected account", async () => {
  let seen: Headers | null = null;
  let asked: URLSearchParams | null = null;
  server.use(
    http.get(`${api}/customers`, ({ request }) => {
      seen = request.headers;
      asked = new URL(request.url).searchParams;
      return HttpResponse.json(list([{ id: "cus_1", object: "customer", created: 1_700_000_000 }]), {
        headers: { date, "stripe-version": "2026-10-28.endive" },
      });
    }),
  );
  const page = await connect("acct_1").page("customers", null, range, never);
  expect(page).toMatchObject({
    objects: [{ stream: "customers", id: "cus_1", customerId: "cus_1", parentId: null, deleted: false }],
    next: null,
    at: Date.parse(date),
    apiVersion: "2026-10-28.endive",
  });
  expect(seen!.get("authorization")).toBe("Bearer rk_test_msw");
  expect(seen!.get("stripe-account")).toBe("acct_1");
  expect(seen!.get("stripe-version")).toBe("2026-10-28.endive");
  expect(seen!.get("x-stripe-client-telemetry")).toBeNull();
  expect(Object.fromEntries(asked!)).toEqual({ limit: "100", "created[lt]": "1780000000" });
});

test("decimals stay the text that they are on the wire", async () => {
  const price = { id: "price_1", object: "price", unit_amount: null, unit_amount_decimal: "0.05" };
  server.use(http.get(`${api}/prices/price_1`, () => HttpResponse.json(price)));
  const { objects } = await connect().fetch("prices", "price_1", never);
  expect(objects[0]!.body.unit_amount_decimal).toBe("0.05");
  expect(structuredClone(objects[0]!.body)).toEqual(price);
});

test("prices that are not sold any more are asked for by themselves, each time with their tiers", async () => {
  const asked: string[] = [];
  server.use(
    http.get(`${api}/prices`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const active = searchParams.get("active");
      asked.push(`${active} ${searchParams.getAll("expand[]").join()}`);
      return HttpResponse.json(list([{ id: `price_${active}`, object: "price", active: active === "true" }]));
    }),
  );
  const connection = connect();
  const sold = await connection.page("prices", null, range, never);
  const old = await connection.page("prices", sold.next, range, never);
  expect([...sold.objects, ...old.objects].map(({ id }) => id)).toEqual(["price_true", "price_false"]);
  expect(old.next).toBeNull();
  expect(asked).toEqual(["true data.tiers,data.currency_options", "false data.tiers,data.currency_options"]);
});

test("a price that was made inline stands in no list and comes by its id; one that is gone is a tombstone", async () => {
  server.use(
    http.get(`${api}/prices/:id`, ({ params }) =>
      params.id === "price_inline"
        ? HttpResponse.json({
            id: "price_inline",
            object: "price",
            active: false,
            unit_amount_decimal: "700",
          })
        : HttpResponse.json(
            {
              error: {
                code: "resource_missing",
                message: `No such price: '${String(params.id)}'`,
                param: "price",
                type: "invalid_request_error",
              },
            },
            { status: 404, headers: { date } },
          ),
    ),
  );
  const connection = connect();
  expect((await connection.fetch("prices", "price_inline", never)).objects[0]).toMatchObject({
    deleted: false,
  });
  const gone = await connection.fetch("prices", "price_gone", never);
  expect(gone).toMatchObject({
    objects: [{ id: "price_gone", deleted: true, customerId: null }],
    at: Date.parse(date),
  });
});

test("more than ten items of a subscription are read by themselves, those of old shapes included", async () => {
  const item = (index: number) => ({ id: `si_${index}`, object: "subscription_item", quantity: index });
  const all = Array.from({ length: 130 }, (_, index) => item(index));
  server.use(
    http.get(`${api}/subscriptions`, ({ request }) => {
      expect(new URL(request.url).searchParams.get("status")).toBe("all");
      return HttpResponse.json(
        list([
          {
            id: "sub_1",
            object: "subscription",
            customer: { id: "cus_1" },
            items: list(all.slice(0, 10), true),
          },
          { id: "sub_2", object: "subscription", customer: "cus_2", items: list([item(999)]) },
        ]),
      );
    }),
    http.get(`${api}/subscription_items`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      expect(searchParams.get("subscription")).toBe("sub_1");
      const from = all.findIndex(({ id }) => id === searchParams.get("starting_after")) + 1;
      return HttpResponse.json(list(all.slice(from, from + 100), from + 100 < all.length));
    }),
  );
  const page = await connect().page("subscriptions", null, range, never);
  expect(page.objects.map(({ id, customerId }) => [id, customerId])).toEqual([
    ["sub_1", "cus_1"],
    ["sub_2", "cus_2"],
  ]);
  expect(page.objects[0]!.body.items).toMatchObject({ data: all, has_more: false, total_count: 130 });
  expect(page.objects[1]!.body.items).toMatchObject({ data: [item(999)] });
});

test("an answer that is not what the documentation promises is an error, not a guess", async () => {
  const answers: unknown[] = [
    { object: "list" },
    { data: "x", has_more: false },
    list([{ object: "customer" }]),
    [],
    7,
    null,
  ];
  for (const answer of answers) {
    server.use(http.get(`${api}/customers`, () => HttpResponse.json(answer as null)));
    await expect(connect().page("customers", null, range, never)).rejects.toMatchObject({
      fault: expect.stringMatching(/unexpected|unavailable/) as string,
    });
    server.resetHandlers();
  }
  server.use(http.get(`${api}/customers`, () => HttpResponse.html("<h1>502</h1>", { status: 502 })));
  await expect(connect().page("customers", null, range, never)).rejects.toMatchObject({
    fault: "unavailable",
  });
  // a list that does not move on
  const same = list([{ id: "cus_1", object: "customer", created: 1 }], true);
  server.use(http.get(`${api}/customers`, () => HttpResponse.json(same)));
  const page = await connect().page("customers", null, range, never);
  await expect(connect().page("customers", page.next, range, never)).rejects.toMatchObject({
    fault: "unexpected",
  });
});

test("a stream that is not there, or that cannot be asked for like this, is left out; where numbers hang on it that is said", async () => {
  const refuse = (path: string, response: () => Response) => server.use(http.get(`${api}/${path}`, response));
  refuse("tax_rates", () => HttpResponse.html("<p>Cannot GET /v1/tax_rates</p>", { status: 404 }));
  refuse("credit_notes", () =>
    HttpResponse.json(
      { error: { type: "invalid_request_error", message: "Not enabled for rk_test_secret" } },
      { status: 400 },
    ),
  );
  refuse("subscriptions", () =>
    HttpResponse.json({ error: { type: "invalid_request_error", message: "Which?" } }, { status: 400 }),
  );
  const connection = connect();
  for (const [stream, fault, message] of [
    ["tax_rates", "forbidden", "Stripe does not offer tax rates here."],
    [
      "credit_notes",
      "forbidden",
      "Stripe did not understand the question for credit notes: Not enabled for rk_…",
    ],
    ["subscriptions", "unexpected", "Stripe did not understand the question for subscriptions: Which?"],
  ] as const)
    await expect(connection.page(stream, null, range, never)).rejects.toMatchObject({ fault, message });
  refuse("customers/cus_1", () => HttpResponse.html("<p>Not found</p>", { status: 404 }));
  expect((await connection.fetch("customers", "cus_1", never)).objects).toMatchObject([
    { id: "cus_1", customerId: "cus_1", deleted: true },
  ]);
});
