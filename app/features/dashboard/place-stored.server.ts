import type { AppLoadContext } from "@remix-run/node";
import { askWidgets, showWidgets } from "#collab/widgets/place.ts";
import { placeWithoutNumbers } from "#collab/widgets/place-empty.ts";
import type { PageScope } from "#collab/widgets/scope.ts";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { askNumbers } from "./ask-numbers.server.ts";

/**
 * A dashboard's widgets with their numbers, or before there are any as they will stand.
 * @param noted what charts draw beside their numbers: nothing is asked because of it
 */
export async function placeStored(
  stored: Record<string, unknown>,
  scope: PageScope,
  page: { isEmpty: boolean; facts: { currency: string; timezone: string } },
  context: AppLoadContext,
  noted: Promise<NonNullable<PageScope["annotations"]>> = Promise.resolve([]),
): Promise<PlacedWidget[]> {
  if (page.isEmpty) return placeWithoutNumbers(stored, scope, page.facts);
  const [answered, annotations] = await Promise.all([askWidgets(stored, scope, askNumbers(context)), noted]);
  return showWidgets(stored, { ...scope, annotations }, answered);
}
