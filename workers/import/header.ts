/** Column names: as in the file, but every one usable and unique. */

/**
 * Empty and repeated names become `column_N` (N counted from 1).
 * @param cells the header's cells, or null where the file has none: then all are `column_N`
 */
export function columnNames(cells: readonly string[] | null, width: number): string[] {
  const taken = new Set<string>();
  const given = new Set(cells ?? []);
  return Array.from({ length: Math.max(width, cells?.length ?? 0) }, (_, index) => {
    const cell = cells?.[index] ?? "";
    let name = cell;
    if (cell.trim() === "" || taken.has(cell)) {
      name = `column_${index + 1}`;
      while (taken.has(name) || given.has(name)) name += "_";
    }
    taken.add(name);
    return name;
  });
}
