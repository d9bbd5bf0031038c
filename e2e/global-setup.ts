import { buildIfStale } from "../cli/build.ts";

/** Each worker starts a product of its own; the pages are built before, so that they do not build them at once. */
export default function buildPages(): Promise<void> {
  return buildIfStale(() => console.log("building the pages …"));
}
