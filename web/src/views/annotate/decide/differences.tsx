// What the readers disagree on, and what is chosen for each.

import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { AdjudicationCase, FullAnnotationProject } from "../../../api/types.ts";
import type { Choices } from "../../../logic/annotation/consensus.ts";
import { answerKey } from "../../../logic/annotation/draft.ts";
import { labelNamed } from "../../../logic/annotation/schema.ts";
import { inOrder, numberOf } from "../../../logic/arrange.ts";
import { t } from "../../../texts/index.ts";
import { active } from "../../../viewer/display.ts";

interface Props {
  project: FullAnnotationProject;
  study: AdjudicationCase;
  choices: Signal<Choices>;
  disabled: boolean;
}

function valueText(value: number | null): string {
  return value === null ? t.annotation.decide.noAnswer : t.annotation.values[value as 1 | 0 | -1];
}

export function Differences({ project, study, choices, disabled }: Props) {
  const { decide } = t.annotation;
  const images = inOrder(study.images);
  const name = (label: string, image: number | null) =>
    [
      labelNamed(project.label_schema, label)?.name ?? label,
      image === null ? null : t.viewer.image(numberOf(images, image), ""),
    ]
      .filter((part) => part !== null)
      .join(", ");
  const readerOf = (read: string) => study.reads.find(({ id }) => String(id) === read)?.reader ?? read;
  if (study.labels.length + study.regions.length === 0) {
    return (
      <section>
        <p>{decide.agreed}</p>
      </section>
    );
  }
  return (
    <section aria-label={decide.differences}>
      <h2>{decide.differences}</h2>
      {study.labels.map(({ label, image, values }) => {
        const key = answerKey(label, image);
        return (
          <Difference
            key={key}
            name={name(label, image)}
            onShow={() => image !== null && (active.value = image)}
            said={Object.entries(values).map(([read, value]) => decide.says(readerOf(read), valueText(value)))}
          >
            {([1, 0, -1, null] as const).map((value) => (
              <Option
                key={String(value)}
                label={valueText(value)}
                chosen={choices.value.labels.has(key) && choices.value.labels.get(key) === value}
                disabled={disabled}
                onChoose={() =>
                  (choices.value = { ...choices.value, labels: new Map(choices.value.labels).set(key, value) })
                }
              />
            ))}
          </Difference>
        );
      })}
      {study.regions.map(({ label, image, regions, missing }, at) => {
        const choose = (read: string) =>
          (choices.value = { ...choices.value, regions: new Map(choices.value.regions).set(at, read) });
        return (
          <Difference
            key={Object.values(regions)[0]?.id ?? at}
            name={name(label, image)}
            onShow={() => (active.value = image)}
            said={missing.map((read) => decide.says(readerOf(String(read)), decide.nobody))}
          >
            {Object.keys(regions).map((read) => (
              <Option
                key={read}
                label={decide.of(readerOf(read))}
                chosen={choices.value.regions.get(at) === read}
                disabled={disabled}
                onChoose={() => choose(read)}
              />
            ))}
            <Option
              label={decide.nobody}
              chosen={choices.value.regions.get(at) === "none"}
              disabled={disabled}
              onChoose={() => choose("none")}
            />
          </Difference>
        );
      })}
    </section>
  );
}

interface DifferenceProps {
  name: string;
  said: readonly string[];
  onShow: () => void;
  children: ComponentChildren;
}

function Difference({ name, said, onShow, children }: DifferenceProps) {
  const id = useId();
  return (
    <div class="difference" role="group" aria-labelledby={id} onFocusCapture={onShow}>
      <h3 id={id}>{name}</h3>
      <p class="help">{said.join(" · ")}</p>
      <div class="answer-values">{children}</div>
    </div>
  );
}

interface OptionProps {
  label: string;
  chosen: boolean;
  disabled: boolean;
  onChoose: () => void;
}

function Option({ label, chosen, disabled, onChoose }: OptionProps) {
  return (
    <button type="button" class="small" aria-pressed={chosen} disabled={disabled} onClick={onChoose}>
      {label}
    </button>
  );
}
