import type { Filter } from "#contracts/analytics.ts";
import type { Condition, Expression } from "#metrics/segments.ts";

/** An expression while somebody works on it: nodes have ids, rows may still lack values. */
export type DraftNode = DraftGroup | DraftRow;
export interface DraftGroup {
  id: string;
  join: "all" | "any";
  children: DraftNode[];
}
export interface DraftRow extends Condition {
  id: string;
}
export const isGroup = (node: DraftNode): node is DraftGroup => "join" in node;

/** How deep groups may stand in each other (contracts/segments.ts `expressionLimits.depth`). */
export const deepestGroup = 4;

/** The root is always a group. Ids are places at first, the same on the server and in the browser. */
export function draftOf(expression: Expression | null): DraftGroup {
  const root = expression === null ? { all: [] } : "key" in expression ? { all: [expression] } : expression;
  return nodeOf(root, "n") as DraftGroup;
}

function nodeOf(expression: Expression, id: string): DraftNode {
  if ("key" in expression) return { ...expression, id };
  const [join, inner] =
    "all" in expression ? (["all", expression.all] as const) : (["any", expression.any] as const);
  return { id, join, children: inner.map((one, index) => nodeOf(one, `${id}-${index}`)) };
}

/** What is complete of a draft; null where nothing is. */
export function expressionOf(node: DraftNode): Expression | null {
  if (!isGroup(node)) {
    const { key, op, values } = node;
    return isComplete(node) ? { key, op, values } : null;
  }
  const inner = node.children.flatMap((child) => expressionOf(child) ?? []);
  if (inner.length === 0) return null;
  return node.join === "all" ? { all: inner } : { any: inner };
}

const isNumber = ({ key, op }: Condition): boolean =>
  (op === "at_least" || op === "at_most") && (key === "size" || key === "tenure");

export const isComplete = (row: Condition): boolean =>
  isNumber(row)
    ? (row.key === "size" ? /^\d{1,15}(\.\d{1,12})?$/ : /^\d{1,4}$/).test(row.values[0] ?? "")
    : row.values.length > 0;

/** Every row of a draft that still lacks its values. */
export const incompleteRows = (node: DraftNode): DraftRow[] =>
  isGroup(node) ? node.children.flatMap(incompleteRows) : isComplete(node) ? [] : [node];

/** The draft with one node changed; null takes it away. */
export function withNode(
  group: DraftGroup,
  id: string,
  change: (node: DraftNode) => DraftNode | null,
): DraftGroup {
  if (group.id === id) return (change(group) as DraftGroup | null) ?? group;
  return {
    ...group,
    children: group.children.flatMap((child) => {
      if (child.id === id) return change(child) ?? [];
      return [isGroup(child) ? withNode(child, id, change) : child];
    }),
  };
}

/** The filters of a page as an expression; null where there are none. Segments in it are left out. */
export function expressionOfFilter(filter: Filter): Expression | null {
  const all = Object.entries(filter)
    .filter(([key, values]) => key !== "segment" && values.length > 0)
    .map(([key, values]): Condition => ({ key: key as Condition["key"], op: "is", values }));
  return all.length === 0 ? null : { all };
}
