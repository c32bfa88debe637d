import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { fetchFormats } from "../../api/formats.ts";
import { downloadUrl } from "../../api/images.ts";
import type { FullStudy, OutputFormat, Study } from "../../api/types.ts";
import { numberOf } from "../../logic/arrange.ts";
import { studyName } from "../../logic/study-name.ts";
import { RemoveStudies } from "../../parts/dialogs/remove.tsx";
import { Icon } from "../../parts/icon.tsx";
import { go } from "../../state/route.ts";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";

/** The output formats of this server; asked for once. */
let asked: Promise<readonly OutputFormat[]> | null = null;

/** Those that the user may have: one that names the patient is for those who may fetch the original files. */
function useFormats(study: FullStudy): readonly OutputFormat[] {
  const formats = useSignal<readonly OutputFormat[]>([]);
  useEffect(() => {
    asked ??= fetchFormats();
    asked.then(
      (found) => (formats.value = found.filter((format) => may("reader") || !format.needs.includes("identity"))),
      () => (asked = null),
    );
  }, []);
  const dicom = study.images.every((image) => image.format === "DICOM");
  // one that has nothing to say of the reading would be answered with 404
  return formats.value.filter(
    (format) => (dicom || !format.needs.includes("dicom")) && !study.silent.includes(format.name),
  );
}

/** The places of the files that the images came in; one file may hold several images. */
function filesOf(study: FullStudy): number[] {
  return [...new Set(study.images.map((image) => image.file))].sort((one, other) => one - other);
}

/** What can be taken along. */
export function Downloads({ study }: { study: FullStudy }) {
  const url = (what: string) => downloadUrl(study.id, what);
  const formats = useFormats(study);
  return (
    <details>
      <summary>
        <h2>{t.downloads.title}</h2>
      </summary>
      <ul class="downloads">
        {formats.map((format) => (
          <li key={format.name}>
            {format.media_type === "text/html" ? (
              <a href={url(`outputs/${format.name}?inline=true`)} target="_blank" rel="noreferrer">
                {format.label}
              </a>
            ) : (
              <a href={url(`outputs/${format.name}`)} download>
                {format.label}
              </a>
            )}
          </li>
        ))}
        {study.images.length > 1 &&
          formats
            .filter((format) => !format.needs.includes("all-images"))
            .flatMap((format) =>
              study.images.map((image) => (
                <li key={`${format.name}-${image.index}`}>
                  <a href={url(`images/${image.index}/outputs/${format.name}`)} download>
                    {t.downloads.ofImage(format.label, numberOf(study.images, image.index))}
                  </a>
                </li>
              )),
            )}
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
