import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchOpinions, giveOpinion } from "../api/studies.ts";
import type { FullStudy, Opinion } from "../api/types.ts";
import { Fault } from "../parts/fault.tsx";
import { Icon } from "../parts/icon.tsx";
import { notify } from "../state/notices.ts";
import { may } from "../state/session.ts";
import { exactly, t } from "../texts/index.ts";
import { useSubmit } from "../views/submit.ts";

const LONGEST = 2000;

/** Agree or disagree, with a note. */
export function Opinions({ study, onChange }: { study: FullStudy; onChange: () => void }) {
  const given = useSignal<readonly Opinion[]>([]);
  const choice = useSignal<boolean | null>(null);
  const note = useSignal("");
  const load = () => fetchOpinions(study.id).then((found) => (given.value = found));
  useEffect(() => {
    load().catch(() => undefined); // the list is a courtesy: the form works without it
  }, [study.id]);
  const { busy, problem, onSubmit } = useSubmit(async () => {
    if (choice.value === null) return;
    await giveOpinion(study.id, choice.value, note.value.trim());
    choice.value = null;
    note.value = "";
    notify(t.opinion.saved);
    await load();
    onChange();
  });
  return (
    <section class="opinions" aria-labelledby="opinion-title">
      <h2 id="opinion-title">{t.opinion.title}</h2>
      {may("reader") ? (
        <form onSubmit={onSubmit}>
          <div class="agree" role="group" aria-labelledby="opinion-title">
            {[true, false].map((agrees) => (
              <button
                key={String(agrees)}
                id={agrees ? "opinion-agree" : "opinion-disagree"}
                type="button"
                aria-pressed={choice.value === agrees}
                onClick={() => (choice.value = choice.value === agrees ? null : agrees)}
              >
                <Icon name={agrees ? "check" : "cross"} />
                {agrees ? t.opinion.agree : t.opinion.disagree}
              </button>
            ))}
          </div>
          {choice.value !== null && (
            <div class="field">
              <label for="opinion-note">{t.opinion.note}</label>
              <textarea
                id="opinion-note"
                rows={2}
                maxLength={LONGEST}
                value={note.value}
                aria-describedby="opinion-help"
                onInput={(event) => (note.value = event.currentTarget.value)}
              />
              <p id="opinion-help" class="help">
                {t.opinion.noteHelp} {t.opinion.lead}
              </p>
              <button type="submit" class="primary" disabled={busy.value}>
                {t.opinion.save}
              </button>
            </div>
          )}
          {problem.value !== null && <Fault problem={problem.value} />}
        </form>
      ) : (
        <p class="help">{t.opinion.denied}</p>
      )}
      {given.value.length > 0 && (
        <ul class="given">
          {given.value.map((one) => (
            <li key={`${one.author} ${one.created}`}>
              <Icon name={one.agrees ? "check" : "cross"} />
              <div>
                <p>
                  {one.agrees ? t.worklist.agreed : t.worklist.disagreed}
                  {one.note !== "" && `: ${one.note}`}
                </p>
                <p class="help">
                  {t.opinion.by(one.author ?? "", one.created === undefined ? "" : exactly(one.created))}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
