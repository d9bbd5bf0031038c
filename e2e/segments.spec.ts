import { expect, expectAccessible, metricValue, openDemo, test, visit } from "./fixtures.ts";

/** Segments and annotations: made in the browser, filtered by, set side by side, marked on the charts. */
test("a segment is built, counted, filtered by, compared and deleted; a note is marked on the charts", async ({
  page,
}) => {
  test.slow();
  await openDemo(page);
  const all = await metricValue(page, "mrr");

  await test.step("build it from conditions, with the count as one goes", async () => {
    await visit(page, "/segments");
    await page.getByRole("link", { name: "New segment" }).first().click();
    await page.getByLabel("Name").fill("Large or abroad");
    await page.getByLabel("All or any of the conditions").selectOption("any");
    await page.getByRole("button", { name: "Add condition" }).click();
    await page.getByLabel("What").selectOption("size");
    await page.getByLabel("How").selectOption("at_least");
    await page.getByLabel("MRR in USD").fill("1500");
    const count = page.locator('[data-preview="customers"]');
    await expect(count).toHaveAttribute("data-value", /^[1-9]\d*$/);
    const large = Number(await count.getAttribute("data-value"));
    await page.getByRole("button", { name: "Add group" }).click();
    const group = page.getByRole("group", { name: "Group of conditions" });
    await group.getByLabel("What").selectOption("country");
    await group.getByLabel("How").selectOption("is_not");
    await group.getByText("Choose values").click();
    await group.getByRole("checkbox", { name: /^US / }).check();
    await page.keyboard.press("Escape");
    await expect(page.getByText("MRR is at least $1,500, or Country is not US")).toBeVisible();
    await expect(async () => {
      expect(Number(await count.getAttribute("data-value"))).toBeGreaterThan(large);
    }).toPass();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Save segment" }).click();
    await expect(page).toHaveURL(/\/segments$/);
    await expect(page.getByRole("row", { name: /Large or abroad/ })).toContainText("MRR is at least $1,500");
    await expectAccessible(page);
  });

  await test.step("filter the dashboard by it", async () => {
    await visit(page, "/");
    await page.getByText("Segment all").click();
    await page.getByRole("checkbox", { name: "Large or abroad" }).first().check();
    await expect(page).toHaveURL(/filter\.segment=/);
    await expect(async () => {
      const some = await metricValue(page, "mrr");
      expect(some).toBeGreaterThan(0);
      expect(some).toBeLessThan(all);
    }).toPass();
  });

  await test.step("save the filters of a page as another one, which then takes their place", async () => {
    await visit(page, "/?filter.plan=Scale&filter.tenure=24%2B");
    await page.getByText("Segment all").click();
    await page.getByRole("link", { name: "Save filters as a segment" }).click();
    await page.getByLabel("Name").fill("large or ABROAD");
    await page.getByRole("button", { name: "Save segment" }).click();
    await expect(page.getByText("There is a segment named “Large or abroad” already.")).toBeVisible();
    await page.getByLabel("Name").fill("Loyal on Scale");
    await page.getByRole("button", { name: "Save segment" }).click();
    await expect(page).toHaveURL(/\/\?filter\.segment=/);
    await expect(page.getByText("Segment Loyal on Scale")).toBeVisible();
  });

  await test.step("set both side by side", async () => {
    await page.getByText("Compare with…").click();
    await page
      .getByRole("group", { name: /Beside what/ })
      .getByRole("checkbox", { name: "Large or abroad" })
      .check();
    await expect(page).toHaveURL(/compare=/);
    const chart = page.getByRole("region", { name: "Recurring revenue over time" });
    const legend = chart.getByRole("list", { name: "Segments" });
    await expect(legend.getByRole("button")).toHaveText(["Loyal on Scale", "Large or abroad"]);
    await expect(page.locator("[data-compared]").first()).toContainText("Large or abroad");
    await expectAccessible(page);
    await legend.getByRole("button", { name: "Loyal on Scale" }).click();
    await expect(legend.getByRole("button", { name: "Loyal on Scale" })).toHaveAttribute(
      "aria-pressed",
      "false",
    );
  });

  await test.step("note what happened", async () => {
    await visit(page, "/");
    const chart = page.getByRole("region", { name: "MRR movements" });
    await chart.hover();
    await chart.locator("summary").click();
    await chart.getByRole("link", { name: "Add annotation" }).click();
    await page.getByLabel("What happened").fill("Prices went up");
    await page.getByRole("button", { name: "Add annotation" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Prices went up" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Back to the numbers" }).click();
    await expect(page.locator("svg [data-annotation]").first()).toBeAttached();
    await expect(page.getByRole("region", { name: "Annotations" })).toContainText("Prices went up");
    await expect(chart.getByRole("link", { name: /Prices went up$/ })).toBeAttached();
    await expectAccessible(page);
  });

  await test.step("a page that filters by a deleted segment says so", async () => {
    await visit(page, "/segments");
    await page.getByRole("button", { name: "Delete Loyal on Scale" }).click();
    const id = await page
      .getByRole("link", { name: "Loyal on Scale", exact: true })
      .getAttribute("href")
      .then((href) => href?.split("/").at(-1));
    await page.getByRole("button", { name: "Delete segment" }).click();
    await expect(page.getByRole("row", { name: /Loyal on Scale/ })).toHaveCount(0);
    await visit(page, `/?filter.segment=${id}`);
    await expect(page.getByText("This segment was deleted.").first()).toBeVisible();
    await expect(page.getByText("Segment Deleted segment")).toBeVisible();
  });
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("filters become a segment, and a note can be written", async ({ page }) => {
    await page.goto("/login");
    await page.getByRole("button", { name: "Open the demo" }).click();
    await page.goto("/segments/new?filter.country=DE");
    await page.getByLabel("Name").fill("German");
    await page.getByRole("button", { name: "Save segment" }).click();
    await expect(page).toHaveURL(/filter\.segment=/);
    await page.goto("/annotations");
    const form = page.getByRole("region", { name: "Add an annotation" });
    await form.getByLabel("What happened").fill("Written without scripts");
    await form.getByRole("button", { name: "Add annotation" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "Written without scripts" })).toBeVisible();
  });
});
