import type { z } from "zod";
import type { PlacedWidget, WidgetType, WidgetViews } from "#contracts/widgets.ts";
import type { NullReason } from "#metrics/metric-names.ts";
import { type Answered, QueryFailed, type WidgetQuery } from "./queries.ts";
import type { PageScope } from "./scope.ts";

interface Shown<Type extends WidgetType> {
  title: string;
  /** The unit and the scope, for the card's head. */
  subtitle: string;
  /** Null: there is nothing to show, in words. */
  view: WidgetViews[Type] | null;
  /** Of values that are missing: that there are numbers, which cannot be valued, is said. */
  reasons?: readonly (NullReason | null)[];
}

interface Parts<Type extends WidgetType, Cfg> {
  type: Type;
  /** What the type is called where one adds widgets. */
  name: string;
  /** Configuration; unknown keys are left alone. */
  cfg: z.ZodType<Cfg>;
  queries: (cfg: Cfg, scope: PageScope) => WidgetQuery[];
  show: (cfg: Cfg, scope: PageScope, answered: Answered) => Shown<Type>;
}

/** A widget with a configuration, ready to be asked and shown. */
export interface PlannedWidget {
  queries: WidgetQuery[];
  /** Throws nothing: what fails is a state of the card. */
  show: (answered: Answered) => Pick<PlacedWidget, "title" | "subtitle" | "state">;
}

/** One widget type: its configuration, its queries and what they become. */
export interface WidgetDefinition<Type extends WidgetType> {
  type: Type;
  name: string;
  cfg: z.ZodType;
  plan: (cfg: unknown, scope: PageScope) => PlannedWidget;
}

const nothing = "No numbers in this range yet.";
const noMatch = "Nothing in this range matches the filters.";
const noRate = "An exchange rate is missing. Upload exchange rates under Sources, and the numbers are here.";

export function defineWidget<Type extends WidgetType, Cfg>(parts: Parts<Type, Cfg>): WidgetDefinition<Type> {
  const { type, name, cfg: schema } = parts;
  const failed = (message: string) => ({
    queries: [],
    show: () => ({ title: name, subtitle: "", state: { kind: "failed" as const, message } }),
  });
  return {
    type,
    name,
    cfg: schema,
    plan(given, scope) {
      const parsed = schema.safeParse(given);
      if (!parsed.success)
        return failed("This widget's settings cannot be read. Configure it again, or delete it.");
      const cfg = parsed.data;
      return {
        queries: parts.queries(cfg, scope),
        show(answered) {
          try {
            const { title, subtitle, view, reasons = [] } = parts.show(cfg, scope, answered);
            const empty = Object.keys(scope.filter).length > 0 ? noMatch : nothing;
            const message = reasons.includes("fx_rate_missing") ? noRate : empty;
            return {
              title,
              subtitle,
              state: view ? { kind: "ready", view } : { kind: "empty", message },
            };
          } catch (error) {
            if (!(error instanceof QueryFailed)) throw error;
            const kind = error.missing ? "empty" : "failed";
            return { title: name, subtitle: "", state: { kind, message: error.message } };
          }
        },
      };
    },
  };
}
