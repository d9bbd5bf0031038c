import { type ReactNode, useMemo } from "react";
import { PeriodMarks } from "#charts/period-marks.ts";
import { type Restated, RestatedMonths, restatedIn } from "./restated-months.ts";

/** Lets every card below say which of its periods were restated, and every chart mark them on its axis. */
export function RestatedProvider({
  restated,
  children,
}: {
  restated: readonly Restated[];
  children: ReactNode;
}) {
  // as text: an equal list must not reach every chart
  const given = JSON.stringify(restated);
  const months = useMemo(() => JSON.parse(given) as Restated[], [given]);
  const isMarked = useMemo(() => (period: string) => restatedIn(months, period).length > 0, [months]);
  return (
    <RestatedMonths.Provider value={months}>
      <PeriodMarks.Provider value={isMarked}>{children}</PeriodMarks.Provider>
    </RestatedMonths.Provider>
  );
}
