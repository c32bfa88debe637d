// What a reader has to know about a study before its call: warnings, newer and earlier versions, unreadable files.

import type { FullStudy, Version } from "../../api/types.ts";
import { probability } from "../../logic/numbers.ts";
import { Icon } from "../../parts/icon.tsx";
import { address } from "../../state/route.ts";
import { dateTime, problemText, t } from "../../texts/index.ts";

/** A call with its probability, in a few words. */
function resultText(version: Version): string {
  if (version.call === null) return t.states[version.state];
  const call = t.calls[version.call];
  return version.probability === null ? call : `${call} ${probability(version.probability)}`;
}

export function StudyWarnings({ study }: { study: FullStudy }) {
  const { newer, previous, warnings, version } = study;
  const unread = study.files.filter(({ problem }) => problem !== null);
  return (
    <>
      {newer !== null && (
        <p class="beforehand" role="status">
          <Icon name="warning" />
          <span>
            {t.versions.replaced} <a href={address({ view: "study", id: newer })}>{t.versions.newer}</a>
          </span>
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="beforehand">
          <Icon name="warning" />
          <span>{warning}</span>
        </p>
      ))}
      {unread.map(({ index, problem }) => (
        <p key={index} class="beforehand">
          <Icon name="warning" />
          <span>
            {t.versions.unreadable(index + 1)} {problem !== null && problemText(problem)}
          </span>
        </p>
      ))}
      {previous !== null && (
        <p class="help side-remark">
          {t.versions.follows(version, t.versions.causes[study.cause])}{" "}
          <a href={address({ view: "study", id: previous.id })}>{t.versions.before(resultText(previous))}</a>
        </p>
      )}
    </>
  );
}

/** All versions of the result. */
export function Versions({ study }: { study: FullStudy }) {
  if (study.versions.length < 2) return null;
  return (
    <details>
      <summary>
        <h2>{t.versions.title}</h2>
        <span class="help">{t.versions.of(study.version, study.versions.length)}</span>
      </summary>
      <ul class="versions">
        {study.versions.map((version) => (
          <li key={version.id}>
            <a
              href={address({ view: "study", id: version.id })}
              aria-current={version.id === study.id ? "page" : undefined}
            >
              {t.versions.one(version.version, resultText(version))}
            </a>
            <span class="help">
              {t.viewer.images(version.view_count)}, {version.bundle}, {dateTime(version.received)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
