// Images come in by dropping them anywhere, by choosing files or a folder, or by a photo.

import { useEffect, useRef, useState } from "preact/hooks";
import { notify } from "../../state/notices.ts";
import { may } from "../../state/session.ts";
import { add, label, together } from "../../state/uploads.ts";
import { t } from "../../texts/index.ts";
import { Icon } from "../icon.tsx";
import { filesOf, visible } from "./dropped.ts";

const FOLDER: object = { webkitdirectory: true }; // not yet in the types

function take(input: HTMLInputElement): void {
  const chosen = [...(input.files ?? [])];
  input.value = "";
  if (chosen.length > 0) receive(input.webkitdirectory ? visible(chosen) : chosen);
}

function receive(files: File[]): void {
  if (files.length === 0) notify(t.drop.none, "error");
  else void add(files);
}

/** The buttons; the inputs behind them are opened by them, so that each has the browser's own dialog. */
export function Sources({ small = false }: { small?: boolean }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  return (
    <div class={`sources${small ? " small" : ""}`}>
      <button type="button" class="primary" onClick={() => files.current?.click()}>
        <Icon name="upload" />
        {small ? t.drop.add : t.drop.choose}
      </button>
      <button type="button" class="folder-source" onClick={() => folder.current?.click()}>
        <Icon name="folder" />
        {t.drop.folder}
      </button>
      <button
        type="button"
        class={small ? "photo-source" : ""}
        onClick={() => photo.current?.click()}
        title={t.drop.photoHint}
      >
        <Icon name="camera" />
        {t.drop.photo}
      </button>
      {/* no kinds are named: DICOM often has no suffix, or any; the server looks at what is in a file */}
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label={t.drop.choose}
        data-source="files"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        {...FOLDER}
        multiple
        hidden
        aria-label={t.drop.folder}
        data-source="folder"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={photo}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={t.drop.photo}
        data-source="photo"
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  );
}

/** Whether pictures that come together are views of one study. */
export function Together() {
  return (
    <label class="together" title={t.drop.togetherHint}>
      <input
        type="checkbox"
        checked={together.value}
        onChange={(event) => {
          together.value = event.currentTarget.checked;
        }}
      />
      {t.drop.together}
    </label>
  );
}

/** The label of the studies that are sent next: images without a DICOM header have nothing else to distinguish them. */
export function Label() {
  return (
    <label class="label-next" title={t.drop.labelHelp}>
      <span class="unseen">{t.drop.label}</span>
      <input
        type="text"
        value={label.value}
        placeholder={t.drop.label}
        maxlength={120}
        autocomplete="off"
        onInput={(event) => {
          label.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

/** The large area of an empty worklist. */
export function DropArea() {
  if (!may("reader")) return <p class="drop-denied">{t.drop.denied}</p>;
  return (
    <section class="drop-area" aria-labelledby="drop-title">
      <div class="drop-target">
        <Icon name="image" />
        <h2 id="drop-title">{t.drop.title}</h2>
        <p class="help">{t.drop.kinds}</p>
        <Sources />
        <Together />
        <Label />
      </div>
      <ol class="drop-steps">
        {t.drop.steps.map(({ title, text }) => (
          <li key={title}>
            <h3>{title}</h3>
            <p>{text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Takes what is dropped anywhere on the page, and shows that it will. */
export function DropAnywhere() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true;
    const enter = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      depth++;
      setOver(may("reader"));
    };
    const leave = (event: DragEvent) => {
      if (!carries(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (carries(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!carries(event) || event.dataTransfer === null) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (may("reader")) filesOf(event.dataTransfer).then(receive, () => notify(t.drop.unreadable, "error"));
      else notify(t.drop.denied, "error"); // a browser would otherwise leave the page for the file
    };
    document.addEventListener("dragenter", enter);
    document.addEventListener("dragleave", leave);
    document.addEventListener("dragover", hover);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragenter", enter);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("dragover", hover);
      document.removeEventListener("drop", drop);
    };
  }, []);
  return (
    <div class={`drop-veil${over ? " over" : ""}`} aria-hidden="true">
      <p>
        <Icon name="upload" />
        {t.drop.here}
      </p>
    </div>
  );
}
