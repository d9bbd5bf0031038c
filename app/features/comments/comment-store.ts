import { type AnchorPlace, anchorKey, placeOf } from "#contracts/comment-anchors.ts";
import type { CommentMark } from "#contracts/comments.ts";

/** A new thread's anchor with what the reader saw there. */
export interface SeenAnchor {
  place: AnchorPlace;
  label: string | null;
  shown: string | null;
}

/** What the panel shows: nothing, the page's threads (all, a widget's, a number's), one of them, or a new one. */
export type Opened =
  | { kind: "list"; widgetId: string | null; key: string | null }
  | { kind: "thread"; id: string }
  | { kind: "new"; anchor: SeenAnchor };

export interface CommentState {
  opened: Opened | null;
  /** Picking what to comment on: the next click on a number begins a thread there. */
  picking: boolean;
}

/** How every page begins. */
export const closed: CommentState = { opened: null, picking: false };

export type MarkMap = ReadonlyMap<string, readonly CommentMark[]>;

const keyed = (marks: readonly CommentMark[]): MarkMap =>
  Map.groupBy(marks, (mark) => anchorKey(placeOf({ ...mark, dashboard_id: null })));

/**
 * The threads of one page and what is open of them. An object that never changes, so that cards whose code has not come are left
 * alone when a thread does; who shows something of it subscribes.
 */
export class CommentStore {
  readonly dashboardId: string | null;
  /** What the server drew: for taking over its HTML. */
  readonly first: MarkMap;
  marks: MarkMap;
  state: CommentState = closed;
  /** Where the panel stands beside, and where focus goes back to. */
  opener: HTMLElement | null = null;
  #source: readonly CommentMark[];
  #listeners = new Set<() => void>();

  constructor(dashboardId: string | null, marks: readonly CommentMark[]) {
    this.dashboardId = dashboardId;
    this.#source = marks;
    this.first = keyed(marks);
    this.marks = this.first;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  getMarks = (): MarkMap => this.marks;
  getFirst = (): MarkMap => this.first;
  getState = (): CommentState => this.state;

  #tell() {
    for (const listener of [...this.#listeners]) listener();
  }

  setMarks(marks: readonly CommentMark[]) {
    // every answer brings them anew, and whoever shows some would be drawn again: each cell of each table
    if (JSON.stringify(this.#source) === JSON.stringify(marks)) return;
    this.#source = marks;
    this.marks = keyed(marks);
    this.#tell();
  }

  open(opened: Opened, opener: HTMLElement | null) {
    this.opener = opener;
    this.state = { opened, picking: false };
    this.#tell();
  }

  /** What there is about a number: its thread, its threads, or a new one. */
  openAt(anchor: SeenAnchor, opener: HTMLElement | null, mayWrite: boolean) {
    const key = anchorKey(anchor.place);
    const marks = this.marks.get(key) ?? [];
    const [only] = marks;
    if (only && marks.length === 1) this.open({ kind: "thread", id: only.id }, opener);
    else if (only) this.open({ kind: "list", widgetId: null, key }, opener);
    else if (mayWrite) this.open({ kind: "new", anchor }, opener);
  }

  close() {
    this.state = closed;
    this.#tell();
  }

  setPicking(picking: boolean) {
    this.state = { opened: null, picking };
    this.#tell();
  }

  /** Asks for the page's threads again: something was said, here or elsewhere. */
  async refresh(): Promise<void> {
    const { trpc } = await import("../../lib/trpc.ts");
    this.setMarks((await trpc.comments.marks.query({ dashboard_id: this.dashboardId })).items);
  }
}
