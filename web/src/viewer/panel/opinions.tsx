// Agree or disagree: kept with the press. The own call and a note can follow.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { changeOpinion, giveOpinion, withdrawOpinion } from "../../api/marks.ts";
import type { Call, FullStudy, Opinion } from "../../api/types.ts";
import { CallTag } from "../../parts/call.tsx";
import { Icon } from "../../parts/icon.tsx";
import { notify } from "../../state/notices.ts";
import { may, session } from "../../state/session.ts";
import { dateTime, t } from "../../texts/index.ts";
import { isOpen, isOwn, latestOpinions, opinions, refreshOpinions } from "../marks.ts";

const LONGEST = 2000;
const CALLS: readonly Call[] = ["fracture", "doubt", "no fracture"];

/** Agreed or disagreed, in words that fit the call. */
export function opinionText({ agrees }: Pick<Opinion, "agrees">, call: Call | null): string {
  if (call === "abstain") return agrees ? t.opinion.agreedAbstained : t.opinion.disagreedAbstained;
  return agrees ? t.worklist.agreed : t.worklist.disagreed;
}

/** The latest opinions, next to the call: a call that somebody disagreed with is not shown alone. */
export function LatestOpinions({ study: { call, earlier_opinion: earlier } }: { study: FullStudy }) {
  return (
    <>
      {earlier !== null && latestOpinions.value.length === 0 && (
        <p class="said earlier">
          <Icon name={earlier.agrees ? "check" : "cross"} />
          <span>
            {t.opinion.earlier(earlier.agrees ? t.worklist.agreed : t.worklist.disagreed, earlier.author ?? "")}
          </span>
        </p>
      )}
      {latestOpinions.value.map((opinion) => (
        <p key={opinion.id} class={`said ${opinion.agrees ? "agreed" : "disagreed"}`}>
          <Icon name={opinion.agrees ? "check" : "cross"} />
          <span>{t.opinion.saidBy(opinionText(opinion, call), opinion.author ?? "")}</span>
          {opinion.call != null && <CallTag call={opinion.call} />}
        </p>
      ))}
    </>
  );
}

/** One after the other: a second press waits for the first to be kept. */
let chain: Promise<unknown> = Promise.resolve();

function enqueue(work: () => Promise<unknown>): Promise<void> {
  const next = chain.then(work).then(
    () => undefined,
    () => notify(t.opinion.unsaved, "error"),
  );
  chain = next;
  return next;
}

const ownOpinion = () => opinions.value.findLast(isOwn);

export function Opinions({ study }: { study: FullStudy }) {
  const busy = useSignal(false);
  const note = useSignal("");
  const known = useSignal<number | null>(null); // the opinion that the note belongs to
  const opinion = ownOpinion();

  useSignalEffect(() => {
    const now = ownOpinion();
    if (known.peek() === (now?.id ?? null)) return;
    known.value = now?.id ?? null;
    note.value = now?.note ?? "";
  });

  // saving continues when the reader has opened another study
  const held = useRef<Opinion | undefined>(undefined);
  const given = () => (isOpen(study.id) ? ownOpinion() : held.current);
  const take = (kept: Opinion) => {
    held.current = kept;
    if (!isOpen(study.id)) return;
    opinions.value = [...opinions.value.filter(({ id }) => id !== kept.id), kept].sort(
      (one, other) => one.id - other.id,
    );
  };
  const work = async (todo: () => Promise<unknown>) => {
    busy.value = true;
    await enqueue(todo);
    busy.value = false;
  };
  const press = (agrees: boolean) =>
    work(async () => {
      if (given()?.agrees === agrees) return; // pressed twice: it is kept already
      take(await giveOpinion(study.id, agrees));
    });
  const call = (value: Call) =>
    work(async () => {
      const to = given();
      if (to !== undefined) take(await changeOpinion(study.id, to.id, { call: to.call === value ? null : value }));
    });
  const save = () => {
    const words = note.value.trim();
    return work(async () => {
      const to = given();
      if (to !== undefined && to.note !== words) take(await changeOpinion(study.id, to.id, { note: words }));
    });
  };
  const sign = () =>
    work(async () => {
      const to = given();
      if (to !== undefined) take(await changeOpinion(study.id, to.id, { signed: true }));
    });
  const withdraw = () =>
    work(async () => {
      const to = given();
      if (to === undefined) return;
      await withdrawOpinion(study.id, to.id);
      held.current = undefined;
      await refreshOpinions(study.id);
    });
  const unsaved = opinion !== undefined && note.value.trim() !== opinion.note;
  return (
    <section class="opinions" aria-labelledby="opinion-title">
      <h2 id="opinion-title">{t.opinion.title}</h2>
      {may("reader") ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <div class="agree" role="group" aria-labelledby="opinion-title" aria-describedby="opinion-meaning">
            {[true, false].map((agrees) => (
              <button
                key={String(agrees)}
                id={agrees ? "opinion-agree" : "opinion-disagree"}
                type="button"
                aria-pressed={opinion?.agrees === agrees}
                onClick={() => void press(agrees)}
              >
                <Icon name={agrees ? "check" : "cross"} />
                {agrees ? t.opinion.agree : t.opinion.disagree}
              </button>
            ))}
          </div>
          <p id="opinion-meaning" class="help">
            {study.call === "abstain" ? t.opinion.meaningAbstained : t.opinion.meaning}
            {session.value?.reports === true && ` ${t.opinion.reports}`}
          </p>
          {opinion !== undefined && (
            <>
              <div class="field">
                <label for="opinion-note">{t.opinion.note}</label>
                <textarea
                  id="opinion-note"
                  rows={2}
                  maxLength={LONGEST}
                  value={note.value}
                  aria-describedby="opinion-help"
                  onInput={(event) => (note.value = event.currentTarget.value)}
                  onBlur={() => void save()}
                  onKeyDown={(event) => {
                    const done = event.key === "Enter" && (event.ctrlKey || event.metaKey);
                    if (!done && event.key !== "Escape") return;
                    event.preventDefault();
                    event.stopPropagation(); // Escape leaves the note, not the study
                    void save();
                    document.getElementById(opinion.agrees ? "opinion-agree" : "opinion-disagree")?.focus();
                  }}
                />
                <p id="opinion-help" class="help">
                  {t.opinion.noteHelp}
                </p>
              </div>
              <div class="opinion-foot">
                <span class="help" role="status">
                  {busy.value ? t.opinion.saving : unsaved ? "" : t.opinion.saved}
                </span>
                <button type="button" class="quiet" disabled={busy.value} onClick={() => void withdraw()}>
                  {t.opinion.withdraw}
                </button>
                <button type="submit" class="primary" disabled={busy.value || !unsaved}>
                  {t.opinion.save}
                </button>
              </div>
              {session.value?.reports === true && (
                <div class="signing">
                  <p id="signing-help" class="help">
                    {opinion.signed == null ? t.opinion.unsigned : t.opinion.signed(dateTime(opinion.signed))}
                  </p>
                  {opinion.signed == null && (
                    <button
                      type="button"
                      disabled={busy.value || unsaved}
                      aria-describedby="signing-help"
                      onClick={() => void sign()}
                    >
                      {t.opinion.sign}
                    </button>
                  )}
                </div>
              )}
              <div class="field">
                <span id="own-call">{t.opinion.own}</span>
                <div class="own-call" role="group" aria-labelledby="own-call">
                  {CALLS.map((value) => (
                    <button
                      key={value}
                      type="button"
                      aria-pressed={opinion.call === value}
                      onClick={() => void call(value)}
                    >
                      <CallTag call={value} />
                    </button>
                  ))}
                </div>
              </div>
            </>
          )}
        </form>
      ) : (
        <p class="help">{t.opinion.denied}</p>
      )}
      <OpinionList study={study} />
    </section>
  );
}

/** All opinions, the latest last. */
function OpinionList({ study: { call, earlier_opinion: earlier } }: { study: FullStudy }) {
  const all = [...(earlier === null ? [] : [earlier]), ...opinions.value];
  if (all.length === 0) return null;
  return (
    <ul class="given">
      {all.map((opinion) => (
        <li key={opinion.id}>
          <Icon name={opinion.agrees ? "check" : "cross"} />
          <div>
            <p class="note">
              {opinionText(opinion, opinion === earlier ? null : call)}
              {opinion.note !== "" && `: ${opinion.note}`}
            </p>
            {opinion.call != null && <p>{t.opinion.ownCall(t.calls[opinion.call])}</p>}
            <p class="help">
              {t.opinion.by(opinion.author ?? "", opinion.created === undefined ? "" : dateTime(opinion.created))}
              {opinion === earlier && `, ${t.opinion.ofEarlier}`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
