import type { AppLoadContext } from "@remix-run/node";
import { placeWidgets } from "#collab/widgets/place.ts";
import { placeWithoutNumbers } from "#collab/widgets/place-empty.ts";
import type { PageScope } from "#collab/widgets/scope.ts";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { askNumbers } from "./ask-numbers.server.ts";

/** A dashboard's widgets with their numbers, or before there are any as they will stand. */
export const placeStored = (
  stored: Record<string, unknown>,
  scope: PageScope,
  page: { isEmpty: boolean; facts: { currency: string; timezone: string } },
  context: AppLoadContext,
): Promise<PlacedWidget[]> =>
  page.isEmpty
    ? placeWithoutNumbers(stored, scope, page.facts)
    : placeWidgets(stored, scope, askNumbers(context));
