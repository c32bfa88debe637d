import type { Problem } from "../api/types.ts";
import { t, told } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

/** Why something did not work, in the server's words. */
export function Fault({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  return (
    <div class="fault" role="alert">
      <Icon name="warning" />
      <p>{told(problem)}</p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {t.retry}
        </button>
      )}
    </div>
  );
}
