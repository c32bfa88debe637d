import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ProblemAlert } from "../../parts/alert.tsx";
import { Busy } from "../../parts/busy.tsx";
import { DropArea, Label, Sources, Together } from "../../parts/dropping/dropzone.tsx";
import { may } from "../../state/session.ts";
import { uploads } from "../../state/uploads.ts";
import { empty, follow, load, more, next, problem, studies, total } from "../../state/worklist.ts";
import { t } from "../../texts/index.ts";
import { Filters } from "./filters.tsx";
import { Selection } from "./selection.tsx";
import { Studies } from "./studies.tsx";

export function Worklist() {
  const now = useSignal(new Date());
  useEffect(() => {
    document.title = t.title(t.worklist.title);
    const stop = follow();
    const clock = setInterval(() => {
      now.value = new Date();
    }, 30_000);
    return () => {
      stop();
      clearInterval(clock);
    };
  }, []);
  if (total.value === null) {
    return (
      <main id="content" tabIndex={-1} class="alone">
        {problem.value === null ? <Busy /> : <ProblemAlert problem={problem.value} onRetry={() => void load()} />}
      </main>
    );
  }
  if (empty.value) {
    return (
      <main id="content" tabIndex={-1} class="worklist empty">
        <h1 class="unseen">{t.worklist.title}</h1>
        <DropArea />
      </main>
    );
  }
  return (
    <main id="content" tabIndex={-1} class={`worklist${uploads.value.length > 0 ? " with-tray" : ""}`}>
      <div class="worklist-head">
        <h1>{t.worklist.title}</h1>
        <p class="help count">{t.worklist.count(total.value)}</p>
        {may("reader") && (
          <div class="add-images">
            <Together />
            <Label />
            <Sources small />
          </div>
        )}
      </div>
      <Filters />
      <Selection />
      {problem.value !== null && <ProblemAlert problem={problem.value} onRetry={() => void load()} />}
      {studies.value.length === 0 ? <p class="nothing">{t.worklist.nothing}</p> : <Studies now={now.value} />}
      {next.value !== null && (
        <button type="button" class="more" onClick={() => void more()}>
          {t.worklist.more}
        </button>
      )}
    </main>
  );
}
