// A password that somebody chooses, written twice.

import { type Signal, useSignal } from "@preact/signals";
import { t } from "../../texts/index.ts";
import { Field } from "./field.tsx";

export interface NewPassword {
  password: Signal<string>;
  repeated: Signal<string>;
}

export function useNewPassword(): NewPassword {
  return { password: useSignal(""), repeated: useSignal("") };
}

/** Whether the two can be sent: they are the same. */
export function isRepeated({ password, repeated }: NewPassword): boolean {
  return password.value === repeated.value;
}

interface FieldProps {
  label: string;
  value: Signal<string>;
  help?: string;
  first?: boolean;
}

/** A field for a new password of at least the length that the server asks for. */
export function PasswordField({ label, value, help = t.password.rule, first = false }: FieldProps) {
  return (
    <Field
      label={label}
      type="password"
      value={value.value}
      onInput={(text) => (value.value = text)}
      help={help}
      minlength={12}
      autocomplete="new-password"
      first={first}
    />
  );
}

/** Both fields, and what is wrong while they differ. */
export function NewPasswordFields({ label, chosen }: { label: string; chosen: NewPassword }) {
  const { password, repeated } = chosen;
  return (
    <>
      <PasswordField label={label} value={password} />
      <Field
        label={t.password.repeat}
        type="password"
        value={repeated.value}
        onInput={(text) => (repeated.value = text)}
        autocomplete="new-password"
      />
      {repeated.value !== "" && !isRepeated(chosen) && (
        <p class="remark" role="status">
          {t.password.differ}
        </p>
      )}
    </>
  );
}
