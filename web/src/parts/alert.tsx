import type { Problem } from "../api/types.ts";
import { problemText, t } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

interface Props {
  text: string;
  onRetry?: (() => void) | undefined;
}

/** A box that says what is wrong. */
export function Alert({ text, onRetry }: Props) {
  return (
    <div class="alert" role="alert">
      <Icon name="warning" />
      <p>{text}</p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {t.retry}
        </button>
      )}
    </div>
  );
}

/** The same for a problem that the server has described. */
export function ProblemAlert({ problem, onRetry }: { problem: Problem; onRetry?: Props["onRetry"] }) {
  return <Alert text={problemText(problem)} onRetry={onRetry} />;
}
