import { useEffect } from "react";
import { useToast } from "../components/toast.tsx";

/** Says `saved` of an action's answer once, whenever a new answer comes. */
export function useAnswerToast(answer: unknown): void {
  const toast = useToast();
  useEffect(() => {
    if (typeof answer !== "object" || answer === null || !("saved" in answer)) return;
    if (typeof answer.saved === "string") toast({ message: answer.saved });
  }, [answer, toast]);
}
