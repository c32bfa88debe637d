// The tree of labels: answers of the study and of the active image, and labels of regions to draw.

import type { Label, RegionKind } from "../../../api/types.ts";
import { answerKey, type Value } from "../../../logic/annotation/draft.ts";
import { walk } from "../../../logic/annotation/schema.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { draft, type Editing, missing, pen, writable } from "../../../state/annotation/editor.ts";
import { t } from "../../../texts/index.ts";
import { active, tool } from "../../../viewer/display.ts";
import { colourOf } from "./colours.ts";
import { answer, takeUp } from "./commands.ts";

const VALUES: readonly Value[] = [1, 0, -1];

export function Labels({ task }: { task: Pick<Editing, "label_schema" | "images"> }) {
  const { work } = t.annotation;
  const placed = walk(task.label_schema.labels);
  const images = inOrder(task.images);
  const scopes = [
    ["study", work.ofStudy],
    ["image", work.ofImage(numberOf(images, active.value))],
    ["region", work.ofRegion],
  ] as const;
  return (
    <>
      {scopes.map(([scope, title]) => {
        const shown = placed.filter(({ label }) => label.scope === scope);
        return shown.length === 0 ? null : (
          <section key={scope} aria-label={title}>
            <h2>{title}</h2>
            <ul class="label-tree">
              {shown.map(({ label, depth }) => (
                <li key={label.id} data-label={label.id} style={{ paddingLeft: `${depth * 14}px` }}>
                  {label.selectable === false ? (
                    <span class="label-name help">{label.name}</span>
                  ) : scope === "region" ? (
                    <Pen task={task} label={label} />
                  ) : (
                    <Answer label={label} />
                  )}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

function Name({ label }: { label: Label }) {
  return (
    <span class="label-name">
      {label.hotkey !== undefined && label.hotkey !== "" && <kbd>{label.hotkey.toUpperCase()}</kbd>}
      {label.name}
    </span>
  );
}

function Answer({ label }: { label: Label }) {
  const { values } = t.annotation;
  const image = label.scope === "study" ? null : active.value;
  const now = draft.value.answers.get(answerKey(label.id, image)) ?? null;
  const wanted = missing.value.some(
    (one) => (one.image ?? null) === image && one.kind !== "excludes" && one.labels.includes(label.id),
  );
  return (
    <div class={`answer${wanted && now === null ? " wanted" : ""}`} role="group" aria-label={label.name}>
      <Name label={label} />
      <span class="answer-values">
        {VALUES.map((value) => (
          <button
            key={value}
            type="button"
            class="small"
            aria-pressed={now === value}
            aria-label={`${label.name}: ${values[value]}`}
            disabled={!writable.value}
            onClick={() => answer(label, now === value ? null : value)}
          >
            {values[value]}
          </button>
        ))}
      </span>
    </div>
  );
}

function Pen({ task, label }: { task: Pick<Editing, "label_schema">; label: Label }) {
  const held = pen.value?.label === label.id && tool.value === "mark";
  const count = [...draft.value.regions.values()].filter((region) => region.label === label.id).length;
  const kinds: readonly RegionKind[] = label.kinds ?? ["box"];
  return (
    <div class="pen">
      <button
        type="button"
        class="quiet pen-button"
        aria-pressed={held}
        disabled={!writable.value}
        onClick={() => takeUp(label)}
      >
        <span class="swatch" style={{ borderColor: colourOf(task.label_schema, label.id) }} />
        <Name label={label} />
        {count > 0 && <span class="number">{count}</span>}
      </button>
      {kinds.length > 1 && (
        <span class="answer-values">
          {kinds.map((kind) => (
            <button
              key={kind}
              type="button"
              class="small"
              aria-pressed={held && pen.value?.kind === kind}
              aria-label={`${label.name}: ${t.annotation.kinds[kind]}`}
              disabled={!writable.value}
              onClick={() => takeUp(label, kind)}
            >
              {t.annotation.kinds[kind]}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
