import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Problem } from "../../api/types.ts";
import { failure } from "../../state/notices.ts";

/** What the server answers to a question that is asked when the view opens, and again at will. */
export function useAsked<Answer>(ask: () => Promise<Answer>) {
  const answer = useSignal<Answer | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      answer.value = await ask();
      problem.value = null;
    } catch (error) {
      problem.value = failure(error);
    }
  };
  useEffect(() => void load(), []);
  return { answer, problem, load };
}
