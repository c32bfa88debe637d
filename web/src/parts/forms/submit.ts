import { useSignal } from "@preact/signals";
import type { Problem } from "../../api/types.ts";
import { failure } from "../../state/notices.ts";

/** A form's way to the server: busy while it is under way, and the problem if it was refused. */
export function useSubmit(work: () => Promise<void>) {
  const busy = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const run = async () => {
    busy.value = true;
    problem.value = null;
    try {
      await work();
    } catch (error) {
      problem.value = failure(error);
    } finally {
      busy.value = false;
    }
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (!busy.value) void run();
  };
  return { busy, problem, run, onSubmit };
}
