import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props {
  label: string;
  type?: "text" | "password";
  value: string;
  onInput: (value: string) => void;
  help?: string | undefined;
  autocomplete?: string;
  required?: boolean;
  minlength?: number;
  maxlength?: number;
  /** Whether it has the focus when it appears. */
  first?: boolean;
}

/** A labelled line to write in. */
export function Field({
  label,
  type = "text",
  value,
  onInput,
  help,
  autocomplete,
  required = true,
  minlength,
  maxlength,
  first = false,
}: Props) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (first) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        data-first={first ? "" : undefined}
        id={id}
        type={type as "text"}
        value={value}
        required={required}
        minlength={minlength}
        maxlength={maxlength}
        autocomplete={autocomplete ?? "off"}
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {help !== undefined && (
        <p id={`${id}-help`} class="help">
          {help}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ComponentChildren;
  hidden?: boolean;
  /** What the choice means. */
  help?: string | undefined;
}

/** A labelled choice. */
export function Choice({ label, value, onChange, children, hidden = false, help }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field choice">
      <label for={id} class={hidden ? "unseen" : ""}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {children}
      </select>
      {help !== undefined && (
        <p id={`${id}-help`} class="help">
          {help}
        </p>
      )}
    </div>
  );
}
