import { useSignal } from "@preact/signals";
import { downloadUrl } from "../../api/images.ts";
import type { FullStudy, Study } from "../../api/types.ts";
import { numberOf } from "../../logic/arrange.ts";
import { studyName } from "../../logic/study-name.ts";
import { Icon } from "../../parts/icon.tsx";
import { RemoveStudies } from "../../parts/remove.tsx";
import { go } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";

const FORMATS = ["json", "csv", "coco", "yolo"] as const;

/** The places of the files that the images came in; one file may hold several images. */
function filesOf(study: FullStudy): number[] {
  return [...new Set(study.images.map((image) => image.file))].sort((one, other) => one - other);
}

/** What can be taken along. */
export function Downloads({ study }: { study: FullStudy }) {
  const url = (what: string) => downloadUrl(study.id, what);
  return (
    <details>
      <summary>
        <h2>{t.downloads.title}</h2>
      </summary>
      <ul class="downloads">
        <li>
          <a href={url("report.pdf")} download={`${study.id}-report.pdf`}>
            {t.downloads.pdf}
          </a>
        </li>
        <li>
          <a href={url("report.html")} target="_blank" rel="noreferrer">
            {t.downloads.html}
          </a>
        </li>
        <li>
          <a href={url("overlay.png")} download={`${study.id}-overlay.png`}>
            {t.downloads.overlay}
          </a>
        </li>
        {study.images.length > 1 &&
          study.images.map((image) => (
            <li key={image.index}>
              <a
                href={url(`images/${image.index}/overlay.png`)}
                download={`${study.id}-${image.index + 1}-overlay.png`}
              >
                {t.downloads.overlayOf(numberOf(study.images, image.index))}
              </a>
            </li>
          ))}
        <li>
          {t.downloads.annotations}:{" "}
          {["json", "csv"].map((name) => (
            <a key={name} class="format" href={url(`annotations?format=${name}`)} download>
              {name}
            </a>
          ))}
        </li>
        {may("reader") &&
          filesOf(study).map((file) => (
            <li key={file}>
              <a href={url(`files/${file}`)} download>
                {t.downloads.file(file + 1)}
              </a>
            </li>
          ))}
        <li>
          {t.downloads.formats}:{" "}
          {FORMATS.map((name) => (
            <a key={name} class="format" href={url(`outputs/${name}`)} download>
              {name}
            </a>
          ))}
        </li>
      </ul>
    </details>
  );
}

/** Deleting: for administrators, and only after a question. */
export function Remove({ study }: { study: Study }) {
  const asking = useSignal(false);
  if (!may("administrator")) return null;
  return (
    <section class="remove">
      <button type="button" class="danger quiet" onClick={() => (asking.value = true)}>
        <Icon name="erase" />
        {t.remove.button}
      </button>
      {asking.value && (
        <RemoveStudies
          studies={[{ id: study.id, name: studyName(study, study.id) }]}
          onClose={() => (asking.value = false)}
          onDone={() => go({ view: "worklist" })}
        />
      )}
    </section>
  );
}
