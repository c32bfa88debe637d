// Whether what was done is safe on the server, in plain words.

import { useEffect, useState } from "preact/hooks";
import { Alert, ProblemAlert } from "../../../parts/alert.tsx";
import { Icon } from "../../../parts/icon.tsx";
import { fleeting, refusedBy, unsent, waitingSince } from "../../../state/annotation/outbox.ts";
import { t } from "../../../texts/index.ts";

const SLOW = 400; // ms until “saving” is said, which would flicker otherwise

export function SaveState() {
  const { save } = t.annotation;
  const count = unsent.value;
  const since = waitingSince.value;
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (count === 0) return;
    const timer = setTimeout(() => setSlow(true), SLOW);
    return () => clearTimeout(timer);
  }, [count === 0]);
  const state = since !== null ? "waiting" : count > 0 ? "saving" : "saved";
  const time = since?.toLocaleTimeString(t.language, { hour: "2-digit", minute: "2-digit" }) ?? "";
  return (
    <p class={`save-state ${state}`} data-save={state} role="status">
      <Icon name={state === "waiting" ? "warning" : state === "saving" && slow ? "reset" : "check"} />
      {state === "waiting" ? save.waiting(count, time) : state === "saving" && slow ? save.saving : save.saved}
    </p>
  );
}

/** What keeps the server from taking it, though it answers. */
export function SaveProblem() {
  return (
    <>
      {refusedBy.value !== null && <ProblemAlert problem={refusedBy.value} />}
      {fleeting.value && <Alert text={t.annotation.save.fleeting} />}
    </>
  );
}
