const mostDepth = 32;
/** Names that mean something else to an object than a key; nobody needs them. */
const reserved = new Set(["__proto__", "constructor", "prototype"]);

export const isReservedKey = (key: string): boolean => reserved.has(key);

/**
 * Whether a value that came over a wire is plain JSON of at most `maxBytes` (as UTF-8).
 * @returns null, or what is wrong with it
 */
export function leafProblem(value: unknown, maxBytes: number): string | null {
  const problem = shapeProblem(value, 0);
  if (problem) return problem;
  // most are short: one UTF-16 unit is at most three bytes
  if (typeof value === "string" && value.length * 3 < maxBytes) return null;
  if (typeof value !== "object" && typeof value !== "string") return null;
  const text = JSON.stringify(value);
  const fits = text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;
  return fits ? null : `is larger than ${maxBytes} bytes`;
}

function shapeProblem(value: unknown, depth: number): string | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return null;
    case "number":
      return Number.isFinite(value) ? null : "is not a number that JSON knows";
    case "object":
      if (value === null) return null;
      if (depth >= mostDepth) return `is deeper than ${mostDepth} levels`;
      return Array.isArray(value) ? listProblem(value, depth) : objectProblem(value, depth);
    default:
      return "is not JSON";
  }
}

function listProblem(values: unknown[], depth: number): string | null {
  for (const value of values) {
    const problem = shapeProblem(value, depth + 1);
    if (problem) return problem;
  }
  return null;
}

function objectProblem(value: object, depth: number): string | null {
  // a key called __proto__ has become the prototype while it was read
  if (Object.getPrototypeOf(value) !== Object.prototype) return "is not plain JSON";
  for (const [key, inner] of Object.entries(value)) {
    if (isReservedKey(key)) return `has a key that is not allowed: ${key}`;
    const problem = shapeProblem(inner, depth + 1);
    if (problem) return problem;
  }
  return null;
}
