// A call is shown by colour, by shape and by word: none of them alone.

import type { Call, State } from "../api/types.ts";
import { t } from "../texts/index.ts";

const SHAPES: Record<Call, string> = {
  fracture: "M8 1 15 14.500H1z",
  doubt: "M8 .5 15.500 8 8 15.500.5 8z",
  "no fracture": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1z",
  abstain: "M1.500 1.500h13v13h-13z",
};
const MARKS: Record<Call, string> = {
  fracture: "M8 6v4M8 12v.01",
  doubt: "M6.300 6.300a1.800 1.800 0 1 1 2.400 1.800c-.5.3-.7.6-.7 1.200M8 11.500v.01",
  "no fracture": "M5 8.300 7.200 10.500 11.200 6",
  abstain: "M4.500 8h7",
};

const slug = (call: Call) => call.replace(" ", "-");

export function CallShape({ call }: { call: Call }) {
  return (
    <svg class={`call-shape call-${slug(call)}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path class="shape" d={SHAPES[call]} />
      <path class="mark" d={MARKS[call]} />
    </svg>
  );
}

export function CallTag({ call, large = false }: { call: Call; large?: boolean }) {
  return (
    <span class={`call call-${slug(call)}${large ? " large" : ""}`}>
      <CallShape call={call} />
      <span>{t.calls[call]}</span>
    </span>
  );
}

/** Where a study without a call is on its way. */
export function StateTag({ state }: { state: State }) {
  return (
    <span class={`state state-${state}`}>
      <span class="state-mark" aria-hidden="true" />
      {t.states[state]}
    </span>
  );
}
