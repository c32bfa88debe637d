// A question that is answered by a form: what is asked, the problem if the server refused, and the two ways on.

import type { ComponentChildren } from "preact";
import { t } from "../../texts/index.ts";
import { ProblemAlert } from "../alert.tsx";
import type { useSubmit } from "../forms/submit.ts";
import { Dialog } from "./dialog.tsx";

interface Props {
  title: string;
  children: ComponentChildren;
  /** The label of the button that sends the form. */
  action: string;
  /** Whether what it does cannot be undone. */
  danger?: boolean;
  form: ReturnType<typeof useSubmit>;
  onClose: () => void;
}

export function FormDialog({ title, children, action, danger = false, form, onClose }: Props) {
  const { busy, problem, onSubmit } = form;
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={onSubmit}>
        {children}
        {problem.value !== null && <ProblemAlert problem={problem.value} />}
        <div class="dialog-buttons">
          <button type="button" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="submit" class={danger ? "danger" : "primary"} disabled={busy.value}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
