// What the server answers to a question that is asked when a view opens, and again at will.

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../api/types.ts";
import { failure } from "../state/notices.ts";
import { ProblemAlert } from "./alert.tsx";
import { Busy } from "./busy.tsx";

export interface Fetched<Answer> {
  answer: Signal<Answer | null>;
  problem: Signal<Problem | null>;
  /** Ask again. */
  load: () => Promise<void>;
}

export function useFetched<Answer>(fetch: () => Promise<Answer>): Fetched<Answer> {
  const answer = useSignal<Answer | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      answer.value = await fetch();
      problem.value = null;
    } catch (error) {
      problem.value = failure(error);
    }
  };
  useEffect(() => void load(), []);
  return { answer, problem, load };
}

interface Props<Answer> {
  fetched: Fetched<Answer>;
  children: (answer: Answer) => ComponentChildren;
}

/** Shows the answer once it is there; before that, that it is awaited, and what went wrong. */
export function WhenFetched<Answer>({ fetched: { answer, problem, load }, children }: Props<Answer>) {
  return (
    <>
      {problem.value !== null && <ProblemAlert problem={problem.value} onRetry={() => void load()} />}
      {answer.value !== null ? children(answer.value) : problem.value === null && <Busy />}
    </>
  );
}
