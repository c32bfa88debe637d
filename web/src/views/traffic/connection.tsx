// Tries whether another system answers, and shows at which step it does not, and why.

import { useSignal } from "@preact/signals";
import { testPeer } from "../../api/traffic.ts";
import type { PeerAnswer, PeerCheck } from "../../api/types.ts";
import { Icon } from "../../parts/icon.tsx";
import { attempt } from "../../state/notices.ts";
import { t } from "../../texts/index.ts";

export function Connection({ name }: { name: string }) {
  const busy = useSignal(false);
  const answer = useSignal<PeerAnswer | null>(null);
  const { traffic: words } = t;
  const test = async () => {
    busy.value = true;
    answer.value = null;
    await attempt(async () => {
      answer.value = await testPeer(name);
    });
    busy.value = false;
  };
  return (
    <span class="connection-test">
      <button type="button" aria-label={words.testOf(name)} disabled={busy.value} onClick={() => void test()}>
        {words.test}
      </button>
      <span role="status">
        {busy.value && words.testing}
        {answer.value !== null && <Answer answer={answer.value} />}
      </span>
    </span>
  );
}

function Answer({ answer }: { answer: PeerAnswer }) {
  const { traffic: words } = t;
  return (
    <>
      <strong class={answer.answers ? "answers" : "fails"}>
        <Icon name={answer.answers ? "check" : "warning"} />
        {answer.answers ? words.answers(answer.seconds) : words.fails}
      </strong>
      <ul class="steps">
        {answer.checks.map((check) => (
          <li key={check.step}>
            <Step check={check} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Step({ check: { step, cause, detail } }: { check: PeerCheck }) {
  const { traffic: words } = t;
  const well = cause === null;
  return (
    <>
      <Icon name={well ? "check" : "cross"} />
      <span>
        {words.steps[step]} <span class="unseen">{well ? words.passed : words.failed}</span>
        {!well && (
          <span class="cause">
            {words.causes[cause]} {detail !== "" && <span class="help">({detail})</span>}
          </span>
        )}
      </span>
    </>
  );
}
