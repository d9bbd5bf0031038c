import {
  type CanonicalColumn,
  columnsOf,
  detectedKinds,
  looseName,
  type UploadKind,
  uploadKinds,
} from "#contracts/upload-kinds.ts";
import type { UploadMapping, UploadQuestion } from "#contracts/uploads.ts";
import { headerMonth, parseDate } from "./dates.ts";
import { parseNumber } from "./numbers.ts";

/** Which file column is which canonical column: what a person said first, then names, then synonyms. */

export interface Matched {
  kind: UploadKind;
  /** Per file column: canonical name, `attr.NAME`, or null (left out). */
  targets: (string | null)[];
  questions: UploadQuestion[];
  /** All required columns are there, though perhaps more than once. */
  complete: boolean;
}

const attributeName = (name: string): string => [...name].slice(0, 200).join("");
const kindHasCustomers = (kind: UploadKind): boolean => kind !== "spend" && kind !== "fx_rates";

/** True for mrr_by_month files with one column per month. */
export const isWide = (
  kind: UploadKind,
  targets: readonly (string | null)[],
  names: readonly string[],
): boolean =>
  kind === "mrr_by_month" &&
  !targets.includes("month") &&
  targets.some((target, index) => target === "mrr" && headerMonth(names[index]!) !== null);

/** @param certain the person named the kind: then only what is required is asked for */
export function matchColumns(
  kind: UploadKind,
  names: readonly string[],
  mapping: UploadMapping,
  certain: boolean,
): Matched {
  const columns = columnsOf(kind);
  const targets: (string | null | undefined)[] = names.map(() => undefined);
  const questions = takeMapping(kind, names, mapping, targets);
  const loose = names.map(looseName);
  const free = (index: number) => targets[index] === undefined;
  const isTaken = (name: string) => targets.includes(name);
  const ambiguous = new Set<string>();

  const months = names.map(headerMonth);
  if (kind === "mrr_by_month" && !loose.some((name, i) => free(i) && name === "month") && !isTaken("month"))
    months.forEach((month, index) => {
      if (month !== null && free(index)) targets[index] = "mrr";
    });

  const assign = (column: CanonicalColumn, candidates: number[]): void => {
    if (candidates.length === 1 || (certain && !column.required && candidates.length > 0)) {
      targets[candidates[0]!] = column.name;
      return;
    }
    if (candidates.length < 2) return;
    ambiguous.add(column.name);
    for (const index of candidates) targets[index] = null;
    questions.push({
      code: "ambiguous_column",
      field: column.name,
      columns: candidates.map((index) => names[index]!),
      message: `Several columns could be ${column.name}. Choose one.`,
    });
  };
  const indexes = names.map((_, index) => index);
  for (const column of columns) {
    if (isTaken(column.name)) continue;
    const exact = indexes.filter((i) => free(i) && names[i] === column.name);
    assign(
      column,
      exact.length > 0 ? exact : indexes.filter((i) => free(i) && loose[i] === looseName(column.name)),
    );
  }
  for (const column of columns) {
    if (isTaken(column.name) || ambiguous.has(column.name)) continue;
    const found = indexes.filter((i) => free(i) && column.synonyms.includes(loose[i]!));
    found.sort((a, b) => column.synonyms.indexOf(loose[a]!) - column.synonyms.indexOf(loose[b]!));
    assign(column, found);
  }

  const filled = targets.map((target, index) =>
    target === undefined ? (kindHasCustomers(kind) ? `attr.${attributeName(names[index]!)}` : null) : target,
  );
  const wide = isWide(kind, filled, names);
  const missing = columns.filter(
    ({ name, required }) =>
      required && !filled.includes(name) && !ambiguous.has(name) && !(wide && name === "month"),
  );
  for (const { name, help } of missing)
    questions.push({
      code: "missing_column",
      field: name,
      message: `No column is ${name} (${help}). Choose the one that is.`,
    });
  return { kind, targets: filled, questions, complete: missing.length === 0 };
}

/** Puts in what the person said; what cannot be so becomes a question. */
function takeMapping(
  kind: UploadKind,
  names: readonly string[],
  mapping: UploadMapping,
  targets: (string | null | undefined)[],
): UploadQuestion[] {
  const known = new Set(columnsOf(kind).map(({ name }) => name));
  const questions: UploadQuestion[] = [];
  for (const [column, target] of Object.entries(mapping)) {
    const exact = names.indexOf(column);
    const index = exact >= 0 ? exact : names.findIndex((name) => name.trim() === column.trim());
    const ask = (message: string) => questions.push({ code: "mapping", column, message });
    if (index < 0) {
      ask(`The file has no column “${column}”.`);
      continue;
    }
    const usable = target === null || known.has(target) || /^attr\../s.test(target);
    if (!usable) ask(`“${target}” is no column of ${kind}.`);
    else if (target?.startsWith("attr.") && !kindHasCustomers(kind))
      ask(`Rows of ${kind} have no customer to give an attribute to.`);
    else if (target !== null && targets.includes(target) && !(target === "mrr" && headerMonth(column)))
      ask(`Two columns are mapped to ${target}.`);
    else targets[index] = target;
  }
  return questions;
}

/**
 * Without a kind: the first whose required columns are all there.
 * @returns null when none is
 */
export function detectKind(names: readonly string[], mapping: UploadMapping): Matched | null {
  for (const kind of detectedKinds) {
    const matched = matchColumns(kind, names, mapping, false);
    if (!matched.complete || matched.questions.some(({ code }) => code === "mapping")) continue;
    // money per customer is no spend
    if (kind === "spend" && matchColumns("customers", names, {}, false).targets.includes("customer_id"))
      continue;
    return matched;
  }
  return null;
}

/** The mapping in force, as the wire shows it. */
export const mappingOf = (names: readonly string[], targets: readonly (string | null)[]): UploadMapping =>
  Object.fromEntries(names.map((name, index) => [name, targets[index] ?? null]));

const knownNames: ReadonlySet<string> = new Set(
  uploadKinds.flatMap((kind) =>
    columnsOf(kind).flatMap(({ name, synonyms }) => [looseName(name), ...synonyms]),
  ),
);

/** False only for a first record that holds data without doubt: a date, or nothing but numbers, and no name that we know. */
export function looksLikeHeader(cells: readonly string[]): boolean {
  if (cells.some((cell) => knownNames.has(looseName(cell)))) return true;
  if (cells.some((cell) => parseDate(cell, "dmy") !== null)) return false;
  const filled = cells.filter((cell) => cell.trim() !== "");
  return filled.length === 0 || !filled.every((cell) => parseNumber(cell, false) !== null);
}
