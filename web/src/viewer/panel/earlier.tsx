// The patient's earlier studies in the archive: which there are, a button to fetch each, then a link to open it beside.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchEarlier, fetchFromArchive, lookAgain } from "../../api/earlier.ts";
import type { EarlierStudies, EarlierStudy } from "../../api/types.ts";
import { attempt } from "../../state/notices.ts";
import { address } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";

const PAUSE = 3000; // ms between two looks while something is under way

function underWay(found: EarlierStudies): boolean {
  const fetching = found.studies.some(({ here, fetching }) => here === null && isOpen(fetching));
  return fetching || found.state === "waiting" || found.state === "unasked";
}

const isOpen = (state: EarlierStudy["fetching"]) => state === "waiting" || state === "running";

export function Earlier({ study }: { study: string }) {
  const found = useSignal<EarlierStudies | null>(null);
  const open = useSignal(false);
  const asked = found.value !== null && underWay(found.value);
  const ask = (request: () => Promise<EarlierStudies>) =>
    attempt(async () => {
      found.value = await request();
    });
  useEffect(() => {
    // whoever may not see them, or meets a server that is down, has all the rest of the page
    if (may("reader"))
      fetchEarlier(study).then(
        (answer) => (found.value = answer),
        () => undefined,
      );
  }, []);
  useEffect(() => {
    if (!asked) return;
    const timer = setInterval(() => {
      fetchEarlier(study).then(
        (answer) => (found.value = answer),
        () => undefined,
      );
    }, PAUSE);
    return () => clearInterval(timer);
  }, [asked]);

  const { value } = found;
  if (value === null || value.state === "off") return null;
  return (
    <details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)} data-earlier>
      <summary>
        <h2>{t.earlier.title}</h2>
        <span class="help">
          {value.state === "done" ? String(value.studies.length) : t.earlier.states[value.state]}
        </span>
      </summary>
      {value.problem !== "" && <p>{value.problem}</p>}
      {value.state === "done" && value.studies.length === 0 && <p>{t.earlier.none(value.archive)}</p>}
      <ul class="versions">
        {value.studies.map((one) => (
          <li key={one.uid}>
            <span>{t.earlier.one(one.date, one.description, one.modalities.join(", "))}</span>
            {one.problem !== "" && <span class="help">{one.problem}</span>}
            <Way one={one} onFetch={() => void ask(() => fetchFromArchive(study, one.uid))} />
          </li>
        ))}
      </ul>
      {value.others > 0 && <p class="help">{t.earlier.others(value.others)}</p>}
      {value.state !== "unknown" && (
        <button type="button" class="quiet" onClick={() => void ask(() => lookAgain(study))}>
          {t.earlier.again}
        </button>
      )}
    </details>
  );
}

/** How a study can be seen: by a link where it is here, else by a button that fetches it. */
function Way({ one, onFetch }: { one: EarlierStudy; onFetch: () => void }) {
  if (one.here !== null) {
    return (
      <a href={address({ view: "study", id: one.here })} target="_blank" rel="noopener">
        {t.earlier.beside}
      </a>
    );
  }
  if (!one.readable) return <span class="help">{t.earlier.unreadable}</span>;
  if (isOpen(one.fetching)) return <span class="help">{t.earlier.fetching}</span>;
  return (
    <button type="button" onClick={onFetch} aria-label={t.earlier.fetchOne(one.date, one.description)}>
      {t.earlier.fetch}
    </button>
  );
}
