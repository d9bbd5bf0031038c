import { useEffect } from "react";
import { useToast } from "../components/toast.tsx";
import { savedIn } from "./saved-in.ts";

/** Says `saved` of an action's answer once, whenever a new answer comes. */
export function useAnswerToast(answer: unknown): void {
  const toast = useToast();
  useEffect(() => {
    const saved = savedIn(answer);
    if (saved !== null) toast({ message: saved });
  }, [answer, toast]);
}
