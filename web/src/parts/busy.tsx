import { t } from "../texts/index.ts";

export function Busy({ text = t.loading }: { text?: string }) {
  return (
    <p class="busy" role="status">
      <span class="spinner" aria-hidden="true" />
      {text}
    </p>
  );
}
