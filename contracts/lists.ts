import { z } from "zod";

/** Every list takes these and answers `{items, next}`; `next` is opaque. */
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(1000).optional(),
};

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** A decimal string in major units: exact, at most 12 decimals, trailing zeros cut. */
export const money = z.string().regex(/^-?\d+(\.\d{1,12})?$/);

export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "is a day like 2026-02-07");

/** Text that a person gave: no NUL, bounded; never trimmed or re-encoded. */
export const text = (max: number) =>
  z
    .string()
    .refine((value) => [...value].length <= max, `at most ${max} characters`)
    .refine((value) => !value.includes("\u0000"), "must not hold a NUL character");

/** `a,b` or a list of strings. */
export const commaList = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (Array.isArray(value) ? value : value.split(",")).map((part) => part.trim()).filter(Boolean),
  );
