import { createContext } from "react";

/** Which periods a page marks on the axes of its charts; none in files that leave the page. */
export const PeriodMarks = createContext<(period: string) => boolean>(() => false);
