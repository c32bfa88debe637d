// What became of each file that was sent.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { size } from "../../logic/numbers.ts";
import { address, route } from "../../state/route.ts";
import { busy, clearFinished, finished, retry, type Upload, uploads } from "../../state/uploads.ts";
import { problemText, t } from "../../texts/index.ts";
import { CallTag } from "../call.tsx";
import { Icon } from "../icon.tsx";

export function Tray() {
  const inStudy = route.value.view === "study";
  const folded = useSignal(inStudy);
  useEffect(() => {
    folded.value = inStudy;
  }, [inStudy]);
  if (uploads.value.length === 0) return null;
  const retryable = uploads.value.filter((one) => one.again).length;
  const done = finished.value.filter(({ stage }) => stage === "done").length;
  return (
    <section class={`tray${inStudy ? " in-study" : ""}`} aria-labelledby="tray-title">
      <header>
        <h2 id="tray-title">{t.uploads.title}</h2>
        <p class="help">{t.uploads.summary(uploads.value.length, done, finished.value.length - done)}</p>
        {retryable > 1 && (
          <button type="button" onClick={() => retry()}>
            {t.uploads.retryAll(retryable)}
          </button>
        )}
        <button
          type="button"
          class="quiet"
          aria-expanded={!folded.value}
          onClick={() => (folded.value = !folded.value)}
        >
          {folded.value ? t.uploads.show : t.uploads.hide}
        </button>
        <button type="button" class="quiet" disabled={finished.value.length === 0} onClick={clearFinished}>
          {busy.value ? t.uploads.clear : t.close}
        </button>
      </header>
      {!folded.value && (
        <ul tabIndex={0} aria-label={t.uploads.title}>
          {uploads.value.map((one) => (
            <Row key={one.id} upload={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ upload }: { upload: Upload }) {
  const { id, name, bytes, stage, sent, study, call, problem, outcome, warnings } = upload;
  return (
    <li class={`upload ${stage}`}>
      <p class="upload-name">
        <span title={name}>{name}</span> <span class="help">{size(bytes)}</span>
      </p>
      <p class="upload-stage">
        {stage === "done" && call !== null ? <CallTag call={call} /> : words(upload)}
        {stage === "done" && study !== null && <a href={address({ view: "study", id: study })}>{t.uploads.open}</a>}
      </p>
      {outcome !== "new" && outcome !== "refused" && stage !== "failed" && (
        <p class="upload-known help">{t.uploads[outcome]}</p>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="upload-why">
          <Icon name="warning" />
          <span>{warning}</span>
        </p>
      ))}
      {stage === "failed" && problem !== null && (
        <p class="upload-why">
          <Icon name="warning" />
          <span>{problemText(problem)}</span>
          {upload.again && (
            <button type="button" aria-label={t.uploads.retryOf(name)} onClick={() => retry(id)}>
              {t.retry}
            </button>
          )}
        </p>
      )}
      {stage !== "done" && stage !== "failed" && (
        <progress aria-label={`${name}: ${words(upload)}`} max={1} {...(stage === "sending" ? { value: sent } : {})} />
      )}
    </li>
  );
}

function words({ stage, sent, wait }: Upload): string {
  if (stage === "sending") return t.uploads.sending(Math.round(sent * 100));
  return stage === "full" ? t.uploads.full(wait) : t.uploads[stage];
}
