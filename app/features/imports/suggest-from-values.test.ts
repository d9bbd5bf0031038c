import { describe, expect, test } from "vitest";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import { suggestFromValues, suggestKind } from "./suggest-from-values.ts";
import { mappingGaps, suggestMapping } from "./suggest-mapping.ts";

const header = ["Kundennr", "Firma", "Tarif", "Betrag", "Waehrung", "Beginn", "Ende", "Turnus"];
const rows = [
  ["K1", "Abel & Söhne", "Basis", "1.087,00", "EUR", "29.08.2025", "", "yearly"],
  ["K2", "Berg", "Basis", "58,00", "EUR", "12.09.2025", "01.03.2026", "month"],
  ["K3", "Cramer", "Profi", "kostenlos", "EUR", "01.01.2025", "", "month"],
  ...Array.from({ length: 17 }, (_, i) => [
    `K${i + 4}`,
    "Dorn",
    "Team",
    "149,00",
    "EUR",
    "02.02.2026",
    "",
    "month",
  ]),
];
const suggested = (kind: UploadKind, names = header, cells = rows) =>
  suggestFromValues(kind, suggestMapping(kind, names), names, cells);

describe("what the names of the columns do not tell", () => {
  test("is guessed from their cells, one that does not fit among many that do notwithstanding", () => {
    expect(suggested("subscriptions")).toEqual({
      Kundennr: "customer_id",
      Betrag: "amount",
      Waehrung: "currency",
      Beginn: "started_at",
      Ende: "ended_at",
      Turnus: "interval",
    });
  });

  test("is enough for kinds of every sort", () => {
    for (const [kind, names, cells] of [
      ["transactions", ["Konto", "Tag"], [["A", "2025-01-02"]]],
      ["mrr_by_month", ["Konto", "Monat", "Wert"], [["A", "2025-01", "12.5"]]],
      ["spend", ["Monat", "Wofür", "Kosten"], [["2025-01", "Werbung", "12.5"]]],
      ["fx_rates", ["Tag", "Von", "Nach", "Kurs"], [["2025-01-02", "EUR", "USD", "1.1"]]],
    ] satisfies [UploadKind, string[], string[][]][]) {
      const byName = suggestMapping(kind, names);
      const mapping = { ...byName, ...suggestFromValues(kind, byName, names, cells) };
      expect([kind, mappingGaps(kind, mapping)]).toEqual([kind, { missing: [], twice: [] }]);
    }
  });

  test("is left to the person where two columns could be it", () => {
    const names = ["Kunde", "Netto", "Brutto", "Beginn"];
    const added = suggested("subscriptions", names, [["K1", "100", "119", "2025-01-01"]]);
    expect(added).toEqual({ Kunde: "customer_id", Beginn: "started_at" });
  });

  test("never goes against a name, nor fills what a name already fills", () => {
    const names = ["Number", "customer_id", "amount", "Other", "started_at"];
    expect(suggested("subscriptions", names, [["X1", "K1", "5", "7", "2025-01-01"]])).toEqual({});
  });

  test("a file of months is not asked for a month", () => {
    expect(suggested("mrr_by_month", ["Kunde", "2025-01"], [["K1", "2025-01-01"]])).toEqual({
      Kunde: "customer_id",
    });
  });

  test("an empty file and blank columns give nothing", () => {
    expect(suggested("subscriptions", header, [])).toEqual({});
    expect(suggested("subscriptions", ["a", "b"], [["", " "]])).toEqual({});
  });
});

test("the kind that is offered first is one whose needed columns are all there", () => {
  expect(suggestKind(header, rows)).toBe("subscriptions");
  expect(suggestKind(["Monat", "Kosten"], [["2025-01", "12.5"]])).toBe("spend");
  expect(suggestKind(["Tag", "Von", "Nach", "Kurs"], [["2025-01-02", "EUR", "USD", "1.1"]])).toBe("fx_rates");
  expect(suggestKind(["Konto", "Branche"], [["K1", "Handel"]])).toBe("customers");
  expect(suggestKind([], [])).toBe("subscriptions");
  // who signed up when, or who did something when
  const visits = [
    ["K1", "2025-01-02"],
    ["K2", "2025-02-03"],
  ];
  expect(suggestKind(["Konto", "Angelegt"], visits)).toBe("customers");
  expect(suggestKind(["Konto", "Besuch"], [...visits, ["K1", "2025-03-04"]])).toBe("transactions");
});
