// Asks before something is done that cannot be undone, and names what it is done to.

import type { ComponentChildren } from "preact";
import { t } from "../texts/index.ts";
import { ProblemAlert } from "./alert.tsx";
import { Dialog } from "./dialog.tsx";
import { useSubmit } from "./submit.ts";

interface Props {
  title: string;
  children: ComponentChildren;
  /** The label of the button that confirms. */
  action: string;
  work: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ title, children, action, work, onClose }: Props) {
  const { busy, problem, run } = useSubmit(async () => {
    await work();
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      <div class="dialog-buttons">
        <button type="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button type="button" class="danger" disabled={busy.value} onClick={() => void run()}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
