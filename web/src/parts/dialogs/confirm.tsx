// Asks before something is done that cannot be undone, and names what it is done to.

import type { ComponentChildren } from "preact";
import { useSubmit } from "../forms/submit.ts";
import { FormDialog } from "./form-dialog.tsx";

interface Props {
  title: string;
  children: ComponentChildren;
  /** The label of the button that confirms. */
  action: string;
  work: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ title, children, action, work, onClose }: Props) {
  const form = useSubmit(async () => {
    await work();
    onClose();
  });
  return (
    <FormDialog title={title} action={action} danger form={form} onClose={onClose}>
      {children}
    </FormDialog>
  );
}
