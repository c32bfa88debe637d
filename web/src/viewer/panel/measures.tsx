// What was measured on the images of a study, and the length that a calibration waits for.

import { useSignal } from "@preact/signals";
import type { Image } from "../../api/types.ts";
import { numberOf } from "../../logic/arrange.ts";
import { Dialog } from "../../parts/dialogs/dialog.tsx";
import { Field } from "../../parts/forms/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { may } from "../../state/session.ts";
import { t } from "../../texts/index.ts";
import { measureText } from "../image/lines.ts";
import {
  add,
  calibrating,
  calibrationOf,
  isMeasurement,
  isOwn,
  marks,
  measuredOn,
  remove,
  type ShownMark,
} from "../marks.ts";

type Shown = Pick<Image, "index" | "spacing">;

/** `kept`: whether the server keeps them. */
export function Measures({ images, kept }: { images: readonly Shown[]; kept: boolean }) {
  const found = marks.value.filter(isMeasurement);
  if (found.length === 0) return null;
  const lengths = found.filter(({ kind }) => kind === "length");
  const imageOf = (mark: ShownMark) => images.find(({ index }) => index === mark.image);
  const byHand = (mark: ShownMark) => calibrationOf(mark.image) !== null;
  const bare = lengths.some((mark) => imageOf(mark)?.spacing === null && !byHand(mark));
  const scaled = lengths.some((mark) => imageOf(mark)?.spacing !== null && !byHand(mark));
  return (
    <section aria-labelledby="measures-title">
      <h2 id="measures-title">{t.measures.title}</h2>
      <ul class="measures">
        {found.map((mark) => (
          <Row key={mark.id} images={images} kept={kept} mark={mark} />
        ))}
      </ul>
      {bare && <p class="help">{t.measures.noSpacing}</p>}
      {scaled && <p class="help">{kept ? t.measures.spacing : t.measures.spacingOnly}</p>}
      {lengths.some(byHand) && <p class="help">{t.measures.byHand}</p>}
      {kept && !may("reader") && <p class="help">{t.measures.viewer}</p>}
      {!kept && <p class="help">{t.measures.unkept}</p>}
    </section>
  );
}

function Row({ images, kept, mark }: { images: readonly Shown[]; kept: boolean; mark: ShownMark }) {
  const image = images.find(({ index }) => index === mark.image);
  if (image === undefined || mark.kind === "box" || mark.kind === "verdict") return null;
  const value = measuredOn(mark.kind, mark.points, image);
  const name = t.marks.kinds[mark.kind];
  const number = value === undefined ? t.viewer.millimetres(String(mark.millimetres ?? "")) : measureText(value);
  return (
    <li>
      <span>{name}</span>
      <span class="help">
        {[
          images.length > 1 ? t.findings.onImage(numberOf(images, mark.image)) : "",
          isOwn(mark) ? "" : mark.author,
          kept && mark.id < 0 ? t.marks.notKept : "",
        ]
          .filter((part) => part !== "")
          .join(", ")}
      </span>
      <span class="number">{number}</span>
      {(isOwn(mark) || may("administrator")) && (
        <button
          type="button"
          class="quiet"
          aria-label={t.marks.remove(`${name} ${number}`)}
          title={t.marks.remove(`${name} ${number}`)}
          onClick={() => void remove(mark.id)}
        >
          <Icon name="erase" />
        </button>
      )}
    </li>
  );
}

/** Asks how long the line that was drawn is in truth. */
export function Calibrate() {
  const length = useSignal("");
  const wrong = useSignal(false);
  const line = calibrating.value;
  if (line === null) return null;
  const close = () => {
    calibrating.value = null;
    length.value = "";
    wrong.value = false;
  };
  return (
    <Dialog title={t.marks.calibrate} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const millimetres = Number(length.value.trim().replace(",", "."));
          wrong.value = !(millimetres > 0 && millimetres <= 5000);
          if (wrong.value) return;
          void add({ image: line.image, kind: "calibration", points: line.points, millimetres });
          close();
        }}
      >
        <Field
          label={t.marks.calibrateLength}
          value={length.value}
          onInput={(value) => (length.value = value)}
          help={t.marks.calibrateHelp}
        />
        {wrong.value && <p role="alert">{t.marks.calibrateWrong}</p>}
        <div class="dialog-buttons">
          <button type="button" onClick={close}>
            {t.cancel}
          </button>
          <button type="submit" class="primary">
            {t.marks.calibrateSave}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
