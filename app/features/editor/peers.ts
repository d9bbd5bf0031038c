import type { Awareness } from "y-protocols/awareness";
import type { Rect } from "#contracts/widgets.ts";

/** What this person shows others: not stored anywhere. The server adds who it is. */
export interface OwnPresence {
  editing: boolean;
  /** The id of the card that is chosen. */
  selected: string | null;
  /** Where the pointer is over the grid: the share of its width, and pixels from its top; in which layout. */
  cursor: { x: number; y: number; wide: boolean } | null;
  /** A card that is being moved or resized, before it is dropped. */
  drag: { id: string; rect: Rect; wide: boolean } | null;
}

export interface Peer extends OwnPresence {
  client: number;
  userId: string;
  name: string;
  color: string;
}

/** White text holds 4.5:1 on each. */
const presenceColors = [
  "#be185d",
  "#c2410c",
  "#0369a1",
  "#6d28d9",
  "#15803d",
  "#0f766e",
  "#a16207",
  "#475569",
] as const;

/** The same person has the same colour for everybody. */
function colorOf(userId: string): string {
  let sum = 0;
  for (const char of userId) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return presenceColors[sum % presenceColors.length] ?? presenceColors[0];
}

export const noPresence: OwnPresence = { editing: false, selected: null, cursor: null, drag: null };

/** Everybody else at the document; states that cannot be read count as nothing. */
export function readPeers(awareness: Awareness): Peer[] {
  const peers: Peer[] = [];
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID) continue;
    const { user } = state;
    if (!isRecord(user) || typeof user.id !== "string" || typeof user.name !== "string") continue;
    peers.push({
      client,
      userId: user.id,
      name: user.name.slice(0, 200) || "Somebody",
      color: colorOf(user.id),
      editing: state.editing === true,
      selected: typeof state.selected === "string" ? state.selected : null,
      cursor: readCursor(state.cursor),
      drag: readDrag(state.drag),
    });
  }
  return peers.sort((a, b) => a.client - b.client);
}

function readCursor(value: unknown): Peer["cursor"] {
  if (!isRecord(value)) return null;
  const { x, y, wide } = value;
  return isWithin(x, 0, 1) && isWithin(y, 0, 1e6) ? { x, y, wide: wide === true } : null;
}

function readDrag(value: unknown): Peer["drag"] {
  if (!isRecord(value) || typeof value.id !== "string" || !Array.isArray(value.rect)) return null;
  const [x, y, w, h] = value.rect as unknown[];
  return isWithin(x, 0, 12) && isWithin(y, 0, 20_000) && isWithin(w, 1, 12) && isWithin(h, 1, 100)
    ? { id: value.id, rect: [x, y, w, h], wide: value.wide === true }
    : null;
}

const isWithin = (value: unknown, min: number, max: number): value is number =>
  typeof value === "number" && value >= min && value <= max;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
