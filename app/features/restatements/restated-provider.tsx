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
  const isMarked = useMemo(() => (period: string) => restatedIn(restated, period).length > 0, [restated]);
  return (
    <RestatedMonths.Provider value={restated}>
      <PeriodMarks.Provider value={isMarked}>{children}</PeriodMarks.Provider>
    </RestatedMonths.Provider>
  );
}
