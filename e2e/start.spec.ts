import { expect, test } from "./fixtures.ts";

test.describe("starting", () => {
  test("twice on one data folder is refused, and says where the first one is", async ({ product }) => {
    const second = await product.startAnother({ PORT: "0" });
    expect(second.code).toBe(1);
    expect(second.said).toContain(`already runs on ${product.dataDir}`);
    expect(second.said).toContain(product.url);
  });

  test("on a port that is in use says so, and names another", async ({ product }) => {
    const second = await product.startAnother({ DATA_DIR: `${product.dataDir}/other` });
    expect(second.code).toBe(1);
    expect(second.said).toContain("is in use by another program");
  });

  test("with a setting that cannot be used names it", async ({ product }) => {
    const second = await product.startAnother({ PORT: "many", LOG_LEVEL: "loud" });
    expect(second.code).toBe(1);
    expect(second.said).toContain("PORT");
    expect(second.said).toContain("LOG_LEVEL");
  });

  test("after a crash takes the data over, and the terminal works beside it", async ({
    product,
    request,
  }) => {
    const token = await product.cli("token", "create", "--org", "Acme", "--email", "ada@acme.example");
    expect(token).toMatch(/^jv_\S+$/);
    await product.crash();
    const answer = await request.get(`${product.url}/api/v1/org`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await answer.json()).toMatchObject({ name: "Acme" });
    expect(await product.cli("doctor")).toContain("All is well.");
  });
});
